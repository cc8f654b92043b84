"""What a source asks and what the admin answers: entries that waited come in or stay out, a move is made or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.errors import ConfigError
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.pulling.answer import accept, reject
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.jobs.pulling.pull import pull
from aggregator.model import Changes, Fetched, Move, Problem
from aggregator.ports import Store
from aggregator.reasons import hidden
from tests.build import NOW, check, config, days, hours, merged, source
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


def test_accepted_it_is_in_the_archive_and_what_was_new_is_news_of_that_day(quarantined: Store) -> None:
    report = accept(ANCI, quarantined, days(3), never)

    assert report.counts == {"archived": 6, "shown": 1, "kept out": 0}
    assert shown(quarantined, 3) == sorted([*BANDI, *BANDI, "Concorso"])
    [issue] = compose(SITE, quarantined, FakeDesk(), days(7.1)).issues
    assert [e.title for e in quarantined.entries(ids=issue.entries)] == ["Concorso"]
    assert quarantined.checks()["anci"].quarantined is None


@pytest.mark.parametrize("announce", [True, False])
def test_what_the_admin_hides_stays_hidden_whatever_its_site_calls_it(quarantined: Store, announce: bool) -> None:
    one = next(e for e in quarantined.entries() if e.title == "Bando 2" and not e.left_out)
    hide(one, quarantined, days(3))
    report = accept(ANCI, quarantined, days(4), never, announce=announce)

    assert report.counts["kept out"] == 1
    assert "Bando 2" not in shown(quarantined, 5)
    assert {e.left_out for e in quarantined.entries() if e.title == "Bando 2"} == {hidden(days(3))}


def test_an_act_that_is_hidden_stays_so_when_its_file_moves_with_the_board(store: Store) -> None:
    for day, folder in enumerate(("vecchio", "nuovo")):
        acts = "".join(
            f"<item><guid isPermaLink='false'>{folder}-{n}</guid><title>Determina {n}</title>"
            f"<pubDate>{n + 1} giugno 2026</pubDate><enclosure url='https://anci.example.it/{folder}/{n}.pdf'/></item>"
            for n in range(6)
        )
        body = f"<rss version='2.0'><channel><title>Albo</title>{acts}</channel></rss>".encode()
        pull(SITE, store, FakeNetwork({"anci": body}), FakeDisk(), days(day))
        if day == 0:
            hide(next(e for e in store.entries() if e.title == "Determina 3"), store, hours(1))

    assert accept(ANCI, store, days(2), never).counts == {"archived": 5, "shown": 0, "kept out": 1}
    assert "Determina 3" not in shown(store, 3)


def test_what_is_hidden_under_one_of_its_names_only_is_let_in_under_the_new_one(store: Store) -> None:
    twins = feed(
        "uno", extra="<item><guid>u</guid><title>Bando 2</title><description>Testo del bando 2</description></item>"
    )
    pull(SITE, store, FakeNetwork({"anci": twins}), FakeDisk(), NOW)
    hide(next(e for e in store.entries() if e.guid == "uno-2"), store, hours(1))
    pull(SITE, store, FakeNetwork({"anci": feed("due")}), FakeDisk(), days(1))

    assert accept(ANCI, store, days(2), never).counts == {"archived": 6, "shown": 0, "kept out": 0}


def test_announced_it_is_all_news(quarantined: Store) -> None:
    assert accept(ANCI, quarantined, days(3), never, announce=True).counts["shown"] == 7
    [issue] = compose(SITE, quarantined, FakeDesk(), days(7.1)).issues
    assert len(issue.entries) == 7


def test_what_waited_and_came_to_hold_excluded_words_stays_out(quarantined: Store) -> None:
    strict = replace(ANCI, exclude=("concorso",))
    assert accept(strict, quarantined, days(3), never, announce=True).counts == {
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
    accept(ANCI, quarantined, days(3), never)

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
