"""The editor's note to an issue: entries by any of their names, and what is wrong with it by file, line and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.content import Note
from aggregator.errors import StoreError
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.issues.notes import note_to
from aggregator.merge import grouped
from aggregator.model import Outcome
from aggregator.ports import Store
from tests.build import NOW, config, days, entry, hours, newsletter, subscriber
from tests.fakes import FakeDesk, FakeMail
from tests.jobs.sending import issue_state, mailed, news, told

SITE = config()
BANDO = entry("b1", title="Bando FAMI: al via le domande", slug="bando-fami", shown=days(-1), first_seen=days(-1))
CORSO = entry("c1", title="Corso di lingua", slug="corso", shown=days(-1), first_seen=days(-1))


def noted(text: str, *entries: Any) -> tuple[Note, tuple[str, ...]]:
    desk = FakeDesk({"settimanale/next": text})
    return note_to(SITE.newsletters[0], 3, desk, grouped(entries or (BANDO, CORSO), SITE), SITE)


@pytest.mark.parametrize(
    "name",
    [
        "Bando FAMI: al via le domande",
        "BANDO FAMI: AL VIA LE DOMANDE",
        "b1",
        "bando-fami",
        "https://anci.example.it/notizie/b1",
        "https://anci.example.it/?p=b1",
        "https://notizie.example.it/entries/bando-fami/",
    ],
)
def test_an_entry_is_named_as_an_editor_copies_it(name: str) -> None:
    note, faults = noted(f"---\nlead: {name}\nskip: {name}\nlater:\n  - {name}\n---\n")
    assert faults == ()
    assert (note.lead, note.skip, note.later) == ("b1", {"b1"}, {"b1"})


def test_of_several_with_one_title_the_newest_is_meant() -> None:
    older = entry("b0", title=BANDO.title, slug="bando-vecchio", first_seen=days(-300), shown=days(-300))
    assert noted(f"---\nskip: {BANDO.title}\n---\n", BANDO, older)[0].skip == {"b1"}


def test_a_name_nobody_bears_is_told_with_the_nearest_one() -> None:
    note, faults = noted("---\nlead: Corso di lingua\nskip: Bando FAMI: al via le domnde\n---\n")
    assert (note.lead, note.skip) == ("c1", frozenset())
    assert faults == (
        "newsletters/settimanale/next.md:3 skip: no entry is called 'Bando FAMI: al via le domnde'; "
        "did you mean 'bando fami: al via le domande'?",
    )


def test_where_no_name_is_near_the_remedy_is_to_copy_one() -> None:
    (fault,) = noted("---\nlater: Zzz\n---\n")[1]
    assert fault.endswith("no entry is called 'Zzz'; write its title, or the address of its page")


def test_faults_of_the_front_matter_are_told_beside_the_others_and_the_rest_counts() -> None:
    note, faults = noted("---\nhold: forse\nskp: x\nlater: Zzz\nsigned: Anna\n---\nBuona lettura.")
    assert (note.hold, note.signed, note.html) == (False, "Anna", "<p>Buona lettura.</p>")
    assert [fault.partition(": ")[0] for fault in faults] == [
        f"newsletters/settimanale/next.md:{line} {key}" for line, key in ((2, "hold"), (3, "skp"), (4, "later"))
    ]


def test_no_note_is_no_fault() -> None:
    assert note_to(SITE.newsletters[0], 3, FakeDesk(), (), SITE) == (Note(), ())


# --- in an issue ---


def site_with_two(store: Store) -> None:
    store.opened("settimanale", days(-7))
    news(store, BANDO, CORSO)


def test_what_a_note_skips_is_in_no_issue_and_what_it_puts_off_in_the_next(store: Store) -> None:
    site_with_two(store)
    desk = FakeDesk({"settimanale/next": "---\nskip: b1\nlater: c1\n---\n"})
    news(store, entry("d1", shown=days(-1), first_seen=days(-1)))
    issues = [compose(SITE, store, desk, days(week * 7)).issues for week in range(3)]
    assert [[i.entries for i in found] for found in issues] == [[("d1",)], [("c1",)], []]
    assert desk.notes.keys() == {"settimanale/1"}


def test_a_note_that_leaves_nothing_makes_no_issue_and_waits_for_one(store: Store) -> None:
    site_with_two(store)
    desk = FakeDesk({"settimanale/next": "---\nskip: [b1, c1]\n---\n"})
    assert compose(SITE, store, desk, NOW).issues == ()
    assert desk.notes.keys() == {"settimanale/next"}


def test_of_a_story_that_a_note_skips_nobody_tells(store: Store) -> None:
    store.opened("settimanale", days(-7))
    page = "https://www.interno.example.it/notizie/bando"
    two = [
        entry(id_, source_id=source_id, url=page, shown=days(-1), first_seen=days(-1))
        for id_, source_id in (("b1", "anci"), ("b2", "interno"))
    ]
    news(store, *two)
    assert compose(SITE, store, FakeDesk({"settimanale/next": "---\nskip: b2\n---\n"}), NOW).issues == ()
    news(store, CORSO)
    (issue,) = compose(SITE, store, FakeDesk({"settimanale/next": "---\nskip: b2\n---\n"}), NOW).issues
    assert issue.entries == ("c1",)
    assert compose(SITE, store, FakeDesk(), days(7)).issues == ()


def test_a_note_may_hold_its_issue_and_the_admin_lets_it_go(store: Store, sending: Any) -> None:
    site_with_two(store)
    store.save_subscriber(subscriber())
    desk = FakeDesk({"settimanale/next": "---\nhold: true\n---\n"})
    (issue,) = compose(SITE, store, desk, NOW).issues
    assert issue.state == "held"
    assert told(sending(desk=desk)) == {}
    store.set_issue_state("settimanale", 1, "approved")
    assert told(sending(desk=desk)) == {"accepted": 1}


def test_a_note_written_after_its_issue_was_composed_counts_until_it_is_frozen(store: Store, sending: Any) -> None:
    site_with_two(store)
    store.save_subscriber(subscriber())
    site = config(newsletters=(newsletter(),))
    compose(site, store, FakeDesk(), NOW)
    desk = FakeDesk({"settimanale/1": "---\nskip: b1\nsigned: Anna\n---\nBuona lettura."})
    mail = FakeMail()
    assert told(sending(mail, desk=desk)) == {"accepted": 1}
    assert "Buona lettura" in mailed(mail)
    assert "Bando FAMI" not in mailed(mail)
    assert (store.skipped("settimanale"), store.owed_again("settimanale")) == ({"b1"}, frozenset())
    assert compose(site, store, FakeDesk(), days(7)).issues == ()


def test_a_hold_written_after_it_was_composed_holds_it(store: Store, sending: Any) -> None:
    site_with_two(store)
    store.save_subscriber(subscriber())
    compose(SITE, store, FakeDesk(), NOW)
    assert told(sending(desk=FakeDesk({"settimanale/1": "---\nhold: true\n---\n"}))) == {}
    assert issue_state(store) == "held"


def test_nothing_is_sent_while_the_note_is_wrong(store: Store, sending: Any) -> None:
    site_with_two(store)
    store.save_subscriber(subscriber())
    desk = FakeDesk({"settimanale/next": "---\nskip: Bando\nhold: no\n---\n"})
    report = compose(SITE, store, desk, NOW)
    assert [failure.error.partition(": ")[0] for failure in report.failures] == [
        "newsletters/settimanale/1.md:3 hold",
        "newsletters/settimanale/1.md:2 skip",
    ]
    assert {failure.source for failure in report.failures} == {"settimanale"}
    (failure,) = sending(desk=desk).failures
    assert failure.error.startswith("issue 1 was not sent: newsletters/settimanale/1.md:3 hold: ")
    assert issue_state(store) == "draft"
    desk.notes["settimanale/1"] = "---\nskip: b1\n---\n"
    assert told(sending(desk=desk)) == {"accepted": 1}
    assert store.carried("settimanale", ["c1"]) == {"c1"}


class Locked(FakeDesk):
    """Nobody may read, or write, in the folder of one newsletter."""

    def note(self, newsletter: str, number: int) -> tuple[str, bytes]:
        if newsletter == "settimanale":
            raise StoreError("newsletters/settimanale/1.md: cannot be read: Permission denied")
        return super().note(newsletter, number)


def test_a_note_that_cannot_be_read_keeps_back_its_own_issue_only(store: Store, sending: Any) -> None:
    site = config(newsletters=(newsletter("settimanale"), newsletter("altra")))
    store.opened("altra", days(-7))
    site_with_two(store)
    store.save_subscriber(subscriber())
    report = compose(site, store, Locked(), NOW)
    assert [i.newsletter for i in report.issues] == ["settimanale", "altra"]
    assert [f.error for f in report.failures] == ["newsletters/settimanale/1.md: cannot be read: Permission denied"]
    report = sending(site=site, desk=Locked())
    assert (told(report), [f.source for f in report.failures]) == ({"accepted": 1}, ["settimanale"])
    assert told(sending(FakeMail(lambda _to: Outcome("accepted", "250 ok")), hours(1), site)) == {"accepted": 1}


class ReadOnly(FakeDesk):
    """The folder of one newsletter may be read and not written."""

    def file_away(self, newsletter: str, number: int) -> None:
        if newsletter == "settimanale":
            raise StoreError("newsletters/settimanale/next.md: cannot be renamed to 1.md: Read-only file system")
        super().file_away(newsletter, number)


def test_an_issue_whose_note_cannot_be_filed_away_waits_as_the_next_would_use_it_again(store: Store) -> None:
    site = config(newsletters=(newsletter("settimanale"), newsletter("altra")))
    store.opened("altra", days(-7))
    site_with_two(store)
    desk = ReadOnly({"settimanale/next": "---\nskip: b1\n---\n"})
    report = compose(site, store, desk, NOW)
    assert ([i.newsletter for i in report.issues], len(report.failures)) == (["altra"], 1)
    (issue,) = compose(site, store, FakeDesk(desk.notes), hours(1)).issues
    assert (issue.newsletter, issue.entries) == ("settimanale", ("c1",))
