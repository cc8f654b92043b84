"""What a source asks and what the admin answers: entries that waited come in or stay out, a move is made or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from aggregator.errors import ConfigError
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.pulling.answer import accept, reject
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.jobs.pulling.pull import pull
from aggregator.model import Changes, Fetched, Move, Problem
from aggregator.ports import Store
from tests.build import NOW, check, config, days, merged, source
from tests.fakes import FakeDesk, FakeDisk, FakeNetwork

SITE = config(sources=(source("anci", identity="guid"),))
[ANCI] = SITE.sources
NEW = "https://www.anci.example.it/rss"


def feed(guid: str, count: int = 6, extra: str = "") -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}-{n}</guid><title>Bando {n}</title>"
        f"<description>Testo del bando {n}</description></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>ANCI</title>{items}{extra}</channel></rss>".encode()


CONCORSO = "<item><guid isPermaLink='false'>c</guid><title>Concorso</title><description>Posti</description></item>"


@pytest.fixture
def quarantined(store: Store) -> Store:
    """A source whose CMS gave everything new guids, and one real piece of news since."""
    for day, body in enumerate((feed("uno"), feed("due"), feed("due", extra=CONCORSO))):
        pull(SITE, store, FakeNetwork({"anci": body}), FakeDisk(), days(day))
    assert store.checks()["anci"].quarantined == days(1)
    return store


def shown(store: Store, day: float) -> list[str]:
    return sorted(story.lead.title for story in merged(store.entries(), SITE, days(day)))


def never(_address: str) -> None:
    raise AssertionError("nothing has moved")


BANDI = [f"Bando {n}" for n in range(6)]


def test_that_a_source_waits_for_an_answer_is_told_once_and_is_no_mending(store: Store) -> None:
    told = []
    for day, body in enumerate((feed("uno"), None, feed("due"), feed("due"))):
        report = pull(SITE, store, FakeNetwork({"anci": body} if body else {}), FakeDisk(), days(day))
        told.append((report.broken, report.mended, [f.error[:40] for f in (*report.failures, *report.questions)]))
    assert told == [
        ((), (), []),
        (("anci",), (), ["no such host"]),
        ((), (), ["since 2026-06-17 most of its entries are"]),
        ((), (), []),
    ]


def test_that_a_source_has_moved_or_is_gone_for_good_is_told_once(store: Store) -> None:
    moved = {"anci": Fetched("anci", ANCI.url, feed("uno"), moved=NEW)}
    for day in range(4):
        report = pull(SITE, store, FakeNetwork(moved), FakeDisk(), days(day))
        assert (report.broken, report.failures) == ((), ())
        assert ("`aggregator accept anci` writes the new address" in str(report.questions)) is (day == 2)
    for day in range(4, 8):
        report = pull(SITE, store, FakeNetwork({"anci": Problem("", "gone", "410")}), FakeDisk(), days(day))
        assert report.broken == (("anci",) if day == 4 else ())
        assert ("it is not asked any more" in str(report.questions)) is (day == 6)


def test_what_waits_is_seen_by_nobody(quarantined: Store) -> None:
    assert shown(quarantined, 3) == BANDI
    assert compose(SITE, quarantined, FakeDesk(), days(7.1)).issues == ()


def test_accepted_each_is_the_entry_it_repeats_and_what_was_new_is_news_of_that_day(quarantined: Store) -> None:
    report = accept(ANCI, quarantined, days(3), never)

    assert report.counts == {"renamed": 6, "archived": 0, "shown": 1, "kept out": 0}
    assert shown(quarantined, 3) == [*BANDI, "Concorso"]
    [issue] = compose(SITE, quarantined, FakeDesk(), days(7.1)).issues
    assert [e.title for e in quarantined.entries(ids=issue.entries)] == ["Concorso"]
    assert quarantined.checks()["anci"].quarantined is None


REBUILT = config(sources=(source("anci"),))  # recognised by all its entries say


def site(folder: str, day: int, titles: Sequence[str] = BANDI, *, files: str = "") -> bytes:
    """The site in one of its shapes: addresses, guids, dates and files are its own."""
    items = "".join(
        f"<item><guid>https://anci.example.it/{folder}/{n}</guid><link>https://anci.example.it/{folder}/{n}</link>"
        f"<title>{title}</title><pubDate>{day} giugno 2026</pubDate>"
        f"<description>Testo di {title} &lt;img src='/{folder}/{files or 'foto'}.jpg'&gt;</description></item>"
        for n, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>ANCI</title>{items}</channel></rss>".encode()


def pulled(store: Store, body: bytes, day: float) -> Mapping[str, int]:
    counts = pull(REBUILT, store, FakeNetwork({"anci": body}), FakeDisk(), days(day)).counts
    return {name: counts[name] for name in ("new", "changed", "reappeared")}


NOTHING = {"new": 0, "changed": 0, "reappeared": 0}


@pytest.fixture
def rebuilt(store: Store) -> Store:
    """A site that was rebuilt, accepted."""
    pulled(store, site("vecchio", 8), 0)
    pulled(store, site("vecchio", 8, [*BANDI, "Concorso"]), 1)
    pulled(store, site("nuovo", 20, [*BANDI, "Concorso"]), 2)
    assert accept(REBUILT.sources[0], store, days(3), never).counts["renamed"] == 7
    return store


def test_after_a_rebuilt_site_is_accepted_what_we_know_leads_to_where_it_is_now(rebuilt: Store) -> None:
    entries = [e for e in rebuilt.entries() if not e.left_out]

    assert sorted(e.title for e in entries) == [*BANDI, "Concorso"]
    for entry in entries:
        assert "/nuovo/" in (entry.url or "")
        assert "/nuovo/foto.jpg" in entry.summary
        assert "/vecchio/" in (entry.guid or "")  # readers know it by this one
        assert (entry.published_raw, entry.first_seen) in (("8 giugno 2026", NOW), ("8 giugno 2026", days(1)))
        [(at, former)] = rebuilt.revisions(entry.id)
        assert (at, "/vecchio/" in (former.url or ""), entry.revised, entry.slug) == (days(3), True, None, former.slug)


def test_after_a_rebuilt_site_is_accepted_nothing_is_new_under_either_name(rebuilt: Store) -> None:
    for day, folder in enumerate(("nuovo", "vecchio", "nuovo"), 4):
        when = 20 if folder == "nuovo" else 8
        assert pulled(rebuilt, site(folder, when, [*BANDI, "Concorso"]), day)["new"] == 0
        assert shown(rebuilt, day) == [*BANDI, "Concorso"]
        assert rebuilt.checks()["anci"].quarantined is None
    assert pulled(rebuilt, site("nuovo", 20, [*BANDI, "Concorso"]), 9) == NOTHING


def test_news_that_no_issue_has_carried_yet_is_owed_still(rebuilt: Store) -> None:
    [issue] = compose(REBUILT, rebuilt, FakeDesk(), days(7.1)).issues
    assert [e.title for e in rebuilt.entries(ids=issue.entries)] == ["Concorso"]


def test_what_is_hidden_stays_hidden_under_its_new_name_and_what_is_forgotten_forgotten(store: Store) -> None:
    pulled(store, site("vecchio", 8), 0)
    hidden, forgotten = sorted(store.entries(), key=lambda e: e.title)[:2]
    hide(hidden, store, days(1))
    store.forget([forgotten])
    pulled(store, site("nuovo", 20), 2)
    accept(REBUILT.sources[0], store, days(3), never)

    assert shown(store, 3) == BANDI[2:]
    assert next(store.entries(ids=[forgotten.id])).summary == ""
    assert pulled(store, site("nuovo", 20), 4) == NOTHING
    assert shown(store, 4) == BANDI[2:]


def test_what_repeats_one_entry_several_times_is_let_in_once_more_where_the_source_shows_it(store: Store) -> None:
    pulled(store, site("vecchio", 8), 0)
    pulled(store, site("nuovo", 20), 1)
    pulled(store, site("altro", 21, [*BANDI, BANDI[0]]), 2)
    report = accept(REBUILT.sources[0], store, days(3), never)

    assert report.counts == {"renamed": 6, "archived": 1, "shown": 0, "kept out": 6}
    assert all("/altro/" in (e.url or "") for e in store.entries() if not e.left_out)


def test_announced_it_is_all_news(quarantined: Store) -> None:
    assert accept(ANCI, quarantined, days(3), never, announce=True).counts["shown"] == 7
    [issue] = compose(SITE, quarantined, FakeDesk(), days(7.1)).issues
    assert len(issue.entries) == 7


def test_what_waited_and_came_to_hold_excluded_words_stays_out(quarantined: Store) -> None:
    strict = replace(ANCI, exclude=("concorso",))
    assert accept(strict, quarantined, days(3), never, announce=True).counts == {
        "renamed": 0,
        "archived": 0,
        "shown": 6,
        "kept out": 1,
    }
    [one] = [entry for entry in quarantined.entries() if entry.title == "Concorso"]
    assert one.left_out == "exclude: concorso"


def test_what_is_unhidden_and_came_to_hold_excluded_words_stays_out(quarantined: Store) -> None:
    one = next(entry for entry in quarantined.entries() if not entry.left_out)
    hide(one, quarantined, days(3))
    hidden = next(quarantined.entries(ids=[one.id]))
    report = unhide(hidden, quarantined, days(4), replace(ANCI, exclude=("bando",)))
    assert [failure.error for failure in report.failures] == ["stays out: exclude: bando"]
    assert next(quarantined.entries(ids=[one.id])).left_out == "exclude: bando"


def test_rejected_it_stays_out_for_good_and_what_was_new_comes_in(quarantined: Store) -> None:
    assert reject(ANCI, quarantined, days(3)).counts == {"archived": 0, "shown": 1, "kept out": 6}
    report = pull(SITE, quarantined, FakeNetwork({"anci": feed("due", extra=CONCORSO)}), FakeDisk(), days(4))
    assert (report.counts["new"], report.counts["changed"]) == (0, 0)
    assert shown(quarantined, 4) == [*BANDI, "Concorso"]


def test_once_answered_nothing_is_asked_and_the_answer_is_no_revision(quarantined: Store) -> None:
    accept(ANCI, quarantined, days(3), never, announce=True)

    assert all(quarantined.revisions(e.id) == () for e in quarantined.entries())
    with pytest.raises(ConfigError, match="anci asks nothing; `aggregator sources anci` says how it fares"):
        reject(ANCI, quarantined, days(3))


def test_a_source_nobody_pulled_asks_nothing(store: Store) -> None:
    with pytest.raises(ConfigError, match="anci asks nothing"):
        accept(ANCI, store, NOW, never)


def test_pulling_again_changes_nothing_of_what_waits(quarantined: Store) -> None:
    before = list(quarantined.entries())
    pull(SITE, quarantined, FakeNetwork({"anci": feed("due", extra=CONCORSO)}), FakeDisk(), days(3))
    assert list(quarantined.entries()) == before


# --- moves ---


@pytest.fixture
def moved(store: Store) -> Store:
    """A source that has answered from its new address for days."""
    body = feed("uno")
    for day in range(4):
        answer = Fetched("anci", NEW, body, moved=NEW)
        pull(SITE, store, FakeNetwork({"anci": answer}), FakeDisk(), days(day))
    return store


def test_an_accepted_move_is_written_where_the_admin_keeps_addresses(moved: Store) -> None:
    written: list[str] = []
    report = accept(ANCI, moved, days(4), written.append)

    assert (report.job, report.counts, written) == ("accept", {"moved": 1}, [NEW])


def test_at_its_new_address_the_source_keeps_its_history(moved: Store) -> None:
    there = config(sources=(source("anci", identity="guid", url=NEW),))
    report = pull(there, moved, FakeNetwork({"anci": feed("uno")}), FakeDisk(), days(4))

    assert (report.counts["sources"], report.counts["new"]) == (1, 0)
    assert moved.checks()["anci"].move is None


def test_a_rejected_move_is_not_asked_about_again(moved: Store) -> None:
    assert reject(ANCI, moved, days(4)).counts == {"stays": 1}
    pull(SITE, moved, FakeNetwork({"anci": Fetched("anci", NEW, feed("uno"), moved=NEW)}), FakeDisk(), days(5))
    with pytest.raises(ConfigError, match="asks nothing"):
        accept(ANCI, moved, days(5), never)


def test_a_move_that_was_asked_about_at_another_address_is_void(store: Store) -> None:
    known = check(url="https://altrove.example.it/", move=Move(NEW, days(-9), 9, same=True))
    store.save(Changes("anci", NOW, known))
    with pytest.raises(ConfigError, match="asks nothing"):
        accept(ANCI, store, NOW, never)
