"""keep_days: what is over is forgotten, but for what it is recognised by."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from aggregator.jobs.pulling.pull import pull
from aggregator.jobs.pulling.standing import standing
from aggregator.model import Entry
from aggregator.ports import Store
from aggregator.reasons import FORGOTTEN
from aggregator.settings import Config
from aggregator.store import open_store
from aggregator.store.schema import WANTED, version
from tests.build import NOW, config, days, merged, newsletter, source
from tests.edges.test_store_opening import SINCE_VERSION_4
from tests.fakes import FakeDisk, FakeNetwork

NAMES = "Rossi Mario e Bianchi Anna"


def board(*notices: tuple[str, int], day: str = "Mon, 15 Jun 2026 06:00:00 +0000") -> bytes:
    """A notice board: (title, number)."""
    told = "".join(
        f"<item><guid>atto-{number}</guid><title>{title}</title><description>{title}, testo</description>"
        f"<link>https://comune.example.it/atti/{number}</link><pubDate>{day}</pubDate></item>"
        for title, number in notices
    )
    return f"<rss version='2.0'><channel><title>Albo</title>{told}</channel></rss>".encode()


MARRIAGE = (f"Pubblicazione di matrimonio: {NAMES}", 1)
CALL = ("Bando per educatori", 2)


def site(keep_days: int | None = 15, **fields: Any) -> Config:
    return config(sources=(source("albo", text="full", keep_days=keep_days),), newsletters=(newsletter(),), **fields)


def pulled(store: Store, body: bytes, now: Any, where: Config | None = None) -> dict[str, int]:
    report = pull(where or site(), store, FakeNetwork({"albo": body}), FakeDisk(), now, force=True)
    return dict(report.counts)


def stored(store: Store, store_url: str) -> str:
    """All there is, in whatever table."""
    engine = create_engine(store_url)
    with engine.connect() as connection:
        found = [
            str(row)
            for table in ("entry", "entry_body", "revision")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    return "\n".join(found)


def only(store: Store, guid: str = "atto-1") -> Entry:
    (found,) = [e for e in store.entries() if e.guid == guid]
    return found


@pytest.fixture
def kept(store: Store) -> Store:
    """A board with one act of the 15th, that was corrected once."""
    pulled(store, board((f"Pubblicazione di matrimonio: {NAMES}, errata", 1)), NOW)
    pulled(store, board(MARRIAGE), days(1))
    return store


def test_what_is_over_is_forgotten_in_every_table(kept: Store, store_url: str) -> None:
    assert "Rossi" in stored(kept, store_url)
    assert "rossi-mario" in stored(kept, store_url)  # in its address too
    pulled(kept, board(MARRIAGE), days(16))
    everything = stored(kept, store_url)
    assert "Rossi" not in everything
    assert "rossi" not in everything
    assert "comune.example.it" not in everything


def test_what_is_forgotten_is_still_recognised(kept: Store) -> None:
    before = only(kept)
    pulled(kept, board(MARRIAGE), days(16))
    after = only(kept)
    assert (after.id, after.guid, after.first_seen, after.shown, after.published) == (
        before.id, before.guid, before.first_seen, before.shown, before.published,
    )  # fmt: skip
    assert (after.left_out, after.title, after.url, after.slug) == (FORGOTTEN, "", None, after.id)
    assert kept.revisions(after.id) == ()
    for day in (17, 18):
        counts = pulled(kept, board(MARRIAGE), days(day))
        assert (counts["new"], counts["changed"], counts["reappeared"]) == (0, 0, 0)


def test_a_week_of_second_thoughts_lasts_through_a_change_of_words(store: Store) -> None:
    pulled(store, board(MARRIAGE), NOW, site(150))
    pulled(store, board(MARRIAGE), days(20), site(15))
    pulled(store, board((f"{MARRIAGE[0]}, errata", 1)), days(22), site(15))
    assert only(store).expires == days(27)
    pulled(store, board(MARRIAGE), days(23), site(150))
    assert only(store).expires == days(150)


@pytest.mark.parametrize("told", [("Pubblicazione rettificata: Rossi", 1), (MARRIAGE[0], 99)])
def test_what_its_source_makes_of_it_later_teaches_us_nothing(
    kept: Store, told: tuple[str, int], store_url: str
) -> None:
    """Corrected, or listed under a new name with the same link."""
    pulled(kept, board(MARRIAGE), days(16))
    body = board(told).replace(b"atti/99", b"atti/1")
    counts = pulled(kept, body, days(17))
    assert (counts["new"], counts["changed"]) == (0, 0)
    assert "Rossi" not in stored(kept, store_url)


def test_what_we_saw_late_is_not_forgotten_within_a_week_of_it(kept: Store) -> None:
    pulled(kept, board(MARRIAGE, CALL), days(10))
    pulled(kept, board(MARRIAGE, CALL), days(16))
    assert (only(kept).left_out, only(kept, "atto-2").left_out) == (FORGOTTEN, "")
    assert shown(kept, days(16)) == []
    pulled(kept, board(MARRIAGE, CALL), days(17))
    assert only(kept, "atto-2").left_out == FORGOTTEN


def test_without_keep_days_nothing_is_forgotten(store: Store) -> None:
    pulled(store, board(MARRIAGE), NOW, site(None))
    pulled(store, board(MARRIAGE), days(3650), site(None))
    assert only(store).title == MARRIAGE[0]


def test_what_was_over_when_it_came_may_be_let_in_for_a_week(store: Store) -> None:
    """A board of a year is added with too few days: its admin sees it, and puts it right."""
    pulled(store, board(MARRIAGE, day="Sun, 01 Jun 2025 06:00:00 +0000"), NOW)
    assert shown(store, NOW) == []
    pulled(store, board(MARRIAGE), days(6), site(500))
    assert shown(store, days(6), site(500)) == [MARRIAGE[0]]
    assert shown(store, days(8), site(500)) == [MARRIAGE[0]]


def shown(store: Store, now: Any, where: Config | None = None) -> list[str]:
    whole = standing(where or site(), store, now)
    return [story.lead.title for story in merged(store.entries(), whole, now)]


def test_days_made_fewer_by_a_slip_can_be_taken_back_for_a_week(store: Store) -> None:
    where = site(300)
    pulled(store, board(MARRIAGE), NOW, where)
    pulled(store, board(MARRIAGE), days(100), site(3))
    assert shown(store, days(100), site(3)) == []
    pulled(store, board(MARRIAGE), days(106), where)
    assert shown(store, days(106), where) == [MARRIAGE[0]]
    pulled(store, board(MARRIAGE), days(106), site(3))
    pulled(store, board(MARRIAGE), days(113), site(3))
    assert only(store).left_out == FORGOTTEN


def test_days_asked_for_later_count_for_what_was_there_already(store: Store) -> None:
    pulled(store, board(MARRIAGE), NOW, site(None))
    standing(site(15), store, days(30))  # a publish is the first to hear of it
    pulled(store, board(MARRIAGE), days(36), site(15))
    assert only(store).title == MARRIAGE[0]
    pulled(store, board(MARRIAGE), days(37), site(15))
    assert only(store).left_out == FORGOTTEN


def test_what_was_kept_for_ever_again_is_not_forgotten(kept: Store) -> None:
    pulled(kept, board(MARRIAGE), days(14), site(None))
    pulled(kept, board(MARRIAGE), days(60), site(None))
    assert only(kept).title == MARRIAGE[0]


def test_a_board_taken_out_of_feeds_yaml_is_forgotten_all_the_same(kept: Store) -> None:
    pull(config(sources=(source("altro"),)), kept, FakeNetwork(), FakeDisk(), days(16))
    assert only(kept).left_out == FORGOTTEN


def test_an_announcement_is_never_forgotten_its_file_is_there(store: Store) -> None:
    where = replace(site(), announcements="announcements/")
    notice = "---\ntitle: Chiusura\nsection: news\nexpires: 2026-06-16\n---\nTesto.\n"
    for day in (NOW, days(30)):
        pull(where, store, FakeNetwork(), FakeDisk({"chiusura.md": notice}), day)
    assert [e.title for e in store.entries(source="announcements")] == ["Chiusura"]
    longer = notice.replace("2026-06-16", "2026-12-31")
    pull(where, store, FakeNetwork(), FakeDisk({"chiusura.md": longer}), days(31))
    assert shown(store, days(31), where) == ["Chiusura"]


def test_what_an_issue_carried_stays_in_its_ledger(kept: Store) -> None:
    id_ = only(kept).id
    kept.opened("settimanale", days(-7))
    kept.add_issue("settimanale", days(-7), NOW, NOW, [id_])
    pulled(kept, board(MARRIAGE), days(16))
    assert kept.carried("settimanale", [id_]) == {id_}


def test_a_store_of_before_learns_when_its_entries_are_over(tmp_path: Path) -> None:
    """`expires` stood in the body until version 0002."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    new = open_store(url)
    pulled(new, board(MARRIAGE), NOW)
    pulled(new, board(MARRIAGE, CALL), days(1), site(None))
    new.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        until = connection.scalar(text("SELECT expires FROM entry WHERE guid = 'atto-1'"))
        for which, told in connection.execute(text("SELECT entry_id, body FROM entry_body")).all():
            body = json.dumps(json.loads(told) | ({"expires": str(NOW + timedelta(days=15))}))
            connection.execute(text("UPDATE entry_body SET body = :b WHERE entry_id = :e"), {"b": body, "e": which})
        for line in (
            *SINCE_VERSION_4,
            "DROP INDEX ix_entry_expires",
            "DROP INDEX ix_entry_written",
            "ALTER TABLE entry DROP COLUMN written",
            "ALTER TABLE newest DROP COLUMN change",
            "DROP INDEX ix_entry_shown",
            "ALTER TABLE entry DROP COLUMN expires",
        ):
            connection.execute(text(line))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    again = open_store(url)
    with engine.connect() as connection:
        assert version(connection) == WANTED
        assert until is None
    assert {e.expires for e in again.entries()} == {days(15)}
    assert len(list(again.over(days(15)))) == 2
    again.close()
    engine.dispose()
