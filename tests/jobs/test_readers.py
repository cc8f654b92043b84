"""Who gets which edition of an issue, and in the words of which moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregator.jobs.pulling import announcements
from aggregator.model import Outcome
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.settings import Condition, Rule
from tests.build import NOW, changes, config, days, entry, hours, newsletter, source, subscriber
from tests.fakes import FakeDisk, FakeMail
from tests.jobs.sending import composed, mailed, news, states, told

# --- who reads what ---


@pytest.mark.parametrize(
    "change",
    [{"consent": "withdrawn"}, {"consent": "bounced"}, {"newsletters": ("altra",)}, {"area": "public"}],
    ids=str,
)
def test_who_left_between_the_freeze_and_the_hand_over_gets_nothing_and_that_is_no_fault(
    store: Store, sending: Any, change: dict[str, Any]
) -> None:
    site = config(newsletters=(newsletter(area="reserved"), newsletter("altra", when="first mon 08:00")))
    readers = [subscriber(f"s{n}", area="reserved") for n in (1, 2)]
    composed(store, *readers, site=site)
    sending(FakeMail(lambda _to: Outcome("deferred", "450 later")), site=site)
    store.save_subscriber(replace(readers[0], **change))
    mail = FakeMail()
    report = sending(mail, hours(1), site)
    assert mail.recipients == ["anagrafe-s2@comune.example.it"]
    assert told(report) == {"accepted": 1, "refused": 1}
    assert (report.failures, report.broken) == ((), ())


def test_only_who_is_confirmed_wants_it_and_is_admitted_gets_it(store: Store, sending: Any) -> None:
    site = config(newsletters=(newsletter(area="reserved"), newsletter("altra", when="first mon 08:00")))
    composed(
        store,
        subscriber("admitted", area="reserved"),
        subscriber("chosen", area="reserved", newsletters=("settimanale",)),
        subscriber("public"),
        subscriber("elsewhere", area="reserved", newsletters=("altra",)),
        subscriber("pending", area="reserved", consent="pending"),
        subscriber("left", area="reserved", consent="withdrawn"),
        subscriber("bounced", area="reserved", consent="bounced"),
        site=site,
    )
    sending(site=site)
    assert states(store).keys() == {"admitted", "chosen"}


def test_equal_choices_share_an_edition_and_languages_do_not(store: Store, sending: Any) -> None:
    sources = (source("anci"), source("interno", section="atti"))
    last_week = {"first_seen": days(-1), "shown": days(-1)}
    news(store, entry("a", title="Notizia", **last_week), entry("b", title="Decreto", source_id="interno", **last_week))
    site = composed(
        store,
        subscriber("all"),
        subscriber("none said", language=""),
        subscriber("two", sections=("atti", "news")),
        subscriber("two again", sections=("news", "atti")),
        subscriber("acts", sections=("atti",)),
        subscriber("english", language="en"),
        subscriber("agenda", sections=("agenda",)),
        site=config(sources=sources),
    )
    mail = FakeMail()
    sending(mail, site=site)
    by_reader = {d.subscriber_id: (d.language, d.sections) for d in store.deliveries()}
    assert by_reader == {
        "all": ("it", ()),
        "none said": ("it", ()),
        "two": ("it", ("atti", "news")),
        "two again": ("it", ("atti", "news")),
        "acts": ("it", ("atti",)),
        "english": ("en", ()),
    }, "nothing in the agenda: no mail"
    bodies = dict(mail.sent)
    assert b"Notizia" not in bodies["anagrafe-acts@comune.example.it"]
    assert b"Decreto" in bodies["anagrafe-acts@comune.example.it"]


def test_a_newsletter_that_wants_empty_issues_sends_one_to_every_choice(store: Store, sending: Any) -> None:
    site = config(newsletters=(newsletter(empty="send"),))
    news(store, entry("old", shown=None, archive=True, first_seen=days(-3)))
    composed(store, subscriber("s1"), subscriber("s2", sections=("agenda",)), site=site)
    mail = FakeMail()
    sending(mail, site=site)
    assert len(mail.sent) == 2


# --- the words of the moment, and what may not be in them ---


def test_a_draft_follows_the_files_and_a_frozen_issue_does_not(store: Store, sending: Any) -> None:
    one = entry("a", title="Prima stesura", first_seen=days(-1), shown=days(-1))
    news(store, one)
    composed(store, subscriber())
    second = replace(one, title="Seconda stesura", revision=1, fingerprint="x")
    store.save(changes("anci", changed=[second], at=NOW))
    mail = FakeMail(lambda _to: Outcome("deferred", "450 later"))
    sending(mail)
    assert "Seconda stesura" in mailed(mail)
    store.save(changes("anci", changed=[replace(second, title="Terza", revision=2, fingerprint="y")], at=NOW))
    again = FakeMail()
    sending(again, hours(1))
    assert "Seconda stesura" in mailed(again)


def test_what_was_withdrawn_since_is_not_mailed(store: Store, sending: Any) -> None:
    last_week = {"first_seen": days(-1), "shown": days(-1)}
    news(store, entry("a", title="Resta", **last_week), entry("b", title="Ritirato", **last_week))
    composed(store, subscriber())
    store.save(replace(changes("anci"), withdrawn=("b",)))
    mail = FakeMail()
    sending(mail)
    assert "Resta" in mailed(mail)
    assert "Ritirato" not in mailed(mail)


def test_a_story_whose_teller_is_over_is_mailed_by_who_tells_it_still(store: Store, sending: Any) -> None:
    """It is in the ledger: what is not in this mail is in none."""
    page = "https://www.interno.example.it/notizie/decreto"
    site = config(sources=(source("anci", keep_days=2), source("interno")))
    news(store, entry("a", title="Decreto ANCI", url=page, published=days(-1), first_seen=days(-1), shown=days(-1)))
    composed(store, subscriber(), site=site)
    news(store, entry("b", source_id="interno", title="Decreto Interno", url=page, first_seen=hours(2), shown=hours(2)))
    mail = FakeMail()
    sending(mail, days(2), site)
    assert "Decreto Interno" in mailed(mail)


def test_what_a_rule_reserves_is_named_in_a_reserved_mail_without_links_to_pages_it_has_not(
    store: Store, sending: Any
) -> None:
    site = config(
        newsletters=(newsletter(area="reserved"),),
        rules=(Rule(Condition(title=("riservat*",)), area="reserved"),),
    )
    file = "---\ntitle: Nota riservata\nattachments: nota.pdf Testo della nota\n---\nTesto."
    disk = FakeDisk({"nota.md": file, "nota.pdf": b"%PDF-1.7"})
    announcements.read(site, store, FakeDisk({}), days(-3))
    announcements.read(site, store, disk, days(-1))
    composed(store, subscriber(area="reserved"), site=site)
    mail = FakeMail()
    sending(mail, site=site, disk=disk)
    text = mailed(mail)
    assert "Nota riservata" in text
    assert "Testo della nota" in text
    assert "/entries/" not in text


def test_many_subscribers_cost_as_many_renders_as_there_are_choices(
    store: Store, sending: Any, templates: Templates
) -> None:
    class Counting(Templates):
        renders = 0

        def render(self, template: str, language: str, /, **context: object) -> str:
            Counting.renders += template.endswith("issue.html")
            return templates.render(template, language, **context)

    choices = [(language, (section,)) for language in ("it", "en") for section in ("news", "agenda", "atti")]
    seen = {"first_seen": days(-1), "shown": days(-1)}
    news(
        store,
        entry("a", **seen),
        entry("b", source_id="interno", **seen),
        entry("c", source_id="cgm", **seen),
    )
    where = config(
        sources=(source("anci"), source("interno", section="atti"), source("cgm", section="agenda")),
        newsletters=(newsletter(),),
    )
    many = [
        subscriber(f"s{n}", language=language, sections=sections) for n, (language, sections) in enumerate(choices * 20)
    ]
    composed(store, *many, site=where)
    sending(mail := FakeMail(), site=where, look=Counting({}, where.site.zone))
    assert (len(mail.sent), Counting.renders) == (120, 6)
