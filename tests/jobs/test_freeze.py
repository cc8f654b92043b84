"""An issue whose hour has come: frozen as it is mailed, whatever happens to its entries afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregator.content import Content, Update
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.issues.editions import chosen
from aggregator.model import Entry, Outcome, Placement, Story
from aggregator.ports import Store
from aggregator.settings import Config
from tests.build import NOW, changes, config, days, entry, hours, newsletter, source, subscriber
from tests.fakes import FakeDesk, FakeMail
from tests.jobs.sending import composed, issue_state, mailed, news, states, three, told

SOURCES = (source("anci"), source("interno", section="atti"))
PAGE = "https://www.interno.example.it/notizie/decreto"


def fresh(id: str, **fields: Any) -> Entry:
    return entry(id, **({"first_seen": days(-1), "shown": days(-1), "url": None} | fields))


def two_sections(store: Store, *letters: Any) -> Config:
    site = config(sources=SOURCES, newsletters=letters or (newsletter(),))
    for letter in site.newsletters:
        store.opened(letter.id, days(-7))
    return site


# --- frozen ---


def test_a_frozen_issue_says_when_and_bears_the_hash_of_its_editions(store: Store, sending: Any) -> None:
    composed(store, *three())
    (before,) = store.issues()
    assert (before.hash, before.frozen) == ("", None)
    sending(now=hours(2))
    (after,) = store.issues()
    assert (len(after.hash), after.frozen, after.state) == (64, hours(2), "sent")


@pytest.mark.parametrize("moved", [False, True], ids=["as mailed", "with other words since"])
def test_what_was_deferred_goes_out_later_in_the_words_that_were_frozen(
    store: Store, sending: Any, moved: bool
) -> None:
    site = composed(store, subscriber())
    sending(FakeMail(lambda _to: Outcome("deferred", "450 later")))
    frozen = store.issues()[0]
    if moved:
        one = next(store.entries())
        later = replace(one, title="Altre parole", revision=1, revised=hours(1), fingerprint="other")
        store.save(changes("anci", changed=[later], at=hours(1)))
    mail = FakeMail()
    assert told(sending(mail, hours(2), site)) == {"accepted": 1}
    assert "Altre parole" not in mailed(mail)
    assert store.issues() == (replace(frozen, state="sent"),)


# --- who gets what ---


def test_a_reader_whose_choice_has_nothing_gets_no_mail(store: Store, sending: Any) -> None:
    site = two_sections(store)
    news(store, fresh("a"))
    store.save_subscriber(subscriber("tutti"))
    store.save_subscriber(subscriber("atti", sections=("atti",)))
    compose(site, store, FakeDesk(), NOW)
    sending(site=site)
    assert states(store) == {"tutti": "accepted"}
    assert store.edition("settimanale", 1, "it", ("atti",)) is None


def test_a_story_in_a_section_of_the_reader_s_and_another_of_the_newsletter_s_is_no_mail_for_him(
    store: Store, sending: Any
) -> None:
    site = two_sections(store, newsletter(sections=("news",)))
    news(store, fresh("a", url=PAGE), fresh("b", source_id="interno", url=PAGE))
    store.save_subscriber(subscriber("tutti"))
    store.save_subscriber(subscriber("atti", sections=("atti",)))
    (issue,) = compose(site, store, FakeDesk(), NOW).issues
    assert set(issue.entries) == {"a", "b"}
    sending(site=site)
    assert states(store) == {"tutti": "accepted"}


def test_an_edition_tells_what_stands_in_a_section_that_is_chosen_and_the_newsletter_s() -> None:
    def story(*sections: str) -> Story:
        return Story(entry("-".join(sections)), placements=tuple(Placement(s, "source") for s in sections))

    change = Update(entry("a"), entry("a"), 1, ("atti",))
    content = Content((story("news", "atti"), story("news")), (story("atti"), story("agenda")), (change,))
    narrow, wide = newsletter(sections=("news", "agenda")), newsletter()
    assert chosen(content, wide, ()) == content
    assert chosen(content, narrow, ()) == content
    assert [s.lead.id for s in chosen(content, wide, ("atti",)).news] == ["news-atti"]
    atti = chosen(content, narrow, ("agenda", "atti"))
    assert ([s.lead.id for s in atti.news], [s.lead.id for s in atti.recalled]) == ([], ["agenda"])
    assert atti.updates == (change,), "it was told where it stood then"


def test_a_newsletter_that_wants_empty_issues_mails_them(store: Store, sending: Any) -> None:
    site = two_sections(store, newsletter(empty="send"))
    store.save_subscriber(subscriber())
    compose(site, store, FakeDesk(), NOW)
    assert told(sending(site=site)) == {"accepted": 1}


def test_where_there_is_no_reader_nobody_was_told(store: Store, sending: Any) -> None:
    """Who joins later is not told that something changed which he never had."""
    site = composed(store)
    assert told(sending()) == {}
    assert issue_state(store) == "sent"
    one = next(store.entries())
    later = replace(one, change="Rettifica", revision=1, revised=days(1), fingerprint="other")
    store.save(changes("anci", changed=[later], at=days(1)))
    store.save_subscriber(subscriber())
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


# --- held back ---


def test_a_story_put_off_again_and_again_comes_at_last_however_old(store: Store, sending: Any) -> None:
    site = two_sections(store, newsletter(approval="required"))
    news(store, fresh("a"), fresh("b"))
    compose(site, store, FakeDesk(), NOW)
    store.skip("settimanale", ["a"], later=True)
    store.set_issue_state("settimanale", 1, "approved")
    sending(now=days(50), site=site)
    news(store, fresh("c", first_seen=days(50), shown=days(50)))
    (issue,) = compose(site, store, FakeDesk(), days(56)).issues
    assert set(issue.entries) == {"a", "c"}
    store.skip("settimanale", ["a"], later=True)
    store.set_issue_state("settimanale", 2, "approved")
    sending(now=days(120), site=site)
    (issue,) = compose(site, store, FakeDesk(), days(126)).issues
    assert issue.entries == ("a",)


def test_two_sends_at_once_freeze_one_issue_and_what_the_first_told_stays_told(store: Store, sending: Any) -> None:
    """Between our look and our word the other run sends everything, and an entry it told is hidden."""
    composed(store, *three())
    other = FakeMail()

    class Interrupted:
        looked = False

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def queue_issue(self, *args: Any) -> int:
            if not self.looked:
                self.looked = True
                sending(other)
            return store.queue_issue(*args)

    mine = FakeMail()
    sending(mine, store=Interrupted())
    assert (len(other.sent), len(mine.sent)) == (3, 0)
    assert store.carried("settimanale", ["a"]) == {"a"}
    assert issue_state(store) == "sent"
