"""A publish that writes only what changed leaves the very folder that one from nothing would."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.catalogue import Catalogue
from aggregator.content import Told
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.jobs.pulling.retention import forget
from aggregator.model import Check, Entry, Event
from aggregator.ports import Store
from aggregator.reasons import FORGOTTEN, hidden_at
from aggregator.render.templates import Templates
from aggregator.settings import Condition, Config, Publish, Rule, Web
from aggregator.store import open_store
from tests.build import NOW, changes, check, config, days, entry, source
from tests.fakes import FakeDisk

SITE = config(
    sources=(source("anci", keep_days=400), source("interno", rank=1), source("comune", section="agenda", text="full")),
    rules=(Rule(Condition(title=("riservat*",)), area="reserved"), Rule(Condition(title=("bando",)), also=("atti",))),
    publish=Publish(feed_entries=3),
    web=Web(),
)
TITLES = [
    "Bando per i Comuni",
    "Decreto flussi, le domande dei lavoratori stagionali",
    "Riservato agli uffici",
    "Avviso",
]


class Desk:
    """A site that is published again and again: by what changed into `disk`, and from nothing to compare."""

    def __init__(self, store: Store, templates: Templates, site: Config = SITE) -> None:
        self.store, self.templates, self.site, self.now = store, templates, site, NOW
        self.disk, self.catalogue = FakeDisk({}), Catalogue(":memory:")

    def check(self) -> None:
        report = publish(self.site, self.store, self.disk, self.catalogue, self.templates, self.now)
        assert report.failures == ()
        anew, fresh = FakeDisk({}), Catalogue(":memory:")
        publish(self.site, self.store, anew, fresh, self.templates, self.now)
        assert said(self.catalogue) == said(fresh)
        assert sorted(self.disk.output) == sorted(anew.output)
        assert [path for path, body in anew.output.items() if self.disk.output[path] != body] == []

    def save(self, *entries: Entry, **fields: Any) -> None:
        for one in entries:
            kept = 400 if one.source_id == "anci" else None
            known = check(one.source_id, url=f"https://{one.source_id}.example.it/feed", keep_days=kept, **fields)
            known_ids = {e.id for e in self.store.entries(ids=[one.id])}
            kind = "changed" if one.id in known_ids else "new"
            self.store.save(changes(one.source_id, **{kind: [one]}, at=self.now, check=known))

    def check_of(self, one: Entry) -> Check:
        return self.store.checks()[one.source_id]

    def made(self) -> int:
        """How many files a publish now has to make."""
        counts = publish(self.site, self.store, self.disk, self.catalogue, self.templates, self.now).counts
        return counts["written"] + counts["same"] + counts["removed"]


def said(catalogue: Catalogue) -> list[Any]:
    """What a search finds stories by: as it is kept, and as it is counted in the index."""
    connection = catalogue._connection
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.counted USING fts5vocab('main', 'word', 'col')")
    return [
        connection.execute("SELECT lead, at, stems FROM said ORDER BY lead").fetchall(),
        connection.execute("SELECT term, col, doc, cnt FROM counted").fetchall(),
    ]


@pytest.fixture
def desk(store: Store, templates: Templates) -> Desk:
    return Desk(store, templates)


# --- whatever happens ---

told = st.fixed_dictionaries(
    {
        "source_id": st.sampled_from(["anci", "interno", "comune"]),
        "title": st.sampled_from(TITLES),
        "tags": st.sampled_from([(), ("Anci",), ("ANCI", "PNRR"), ("Legge 47/2017",)]),
        "url": st.sampled_from([None, "https://www.interno.example.it/uno", "https://www.interno.example.it/due"]),
        "guid": st.sampled_from([None, "https://www.interno.example.it/?id=1", "urn:x:2"]),
        "age": st.sampled_from([0, 1, 20, 45, 380]),
        "pin": st.booleans(),
        "deadline": st.sampled_from([None, NOW.date(), date(2026, 7, 30)]),
        "events": st.sampled_from([(), (Event(days(3)),), (Event(days(-70)),)]),
        "publish_at": st.sampled_from([None, None, days(2)]),
    }
)
step = st.one_of(
    st.tuples(st.just("new"), told),
    st.tuples(st.just("change"), told),
    st.tuples(st.sampled_from(["hide", "unhide", "withdraw", "take back", "forget"]), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 20, 61, 100])),
    st.tuples(st.sampled_from(["retitle", "issue"]), st.none()),
)


def made_of(number: int, facts: dict[str, Any], now: datetime) -> Entry:
    age = timedelta(days=facts["age"])
    fields = {name: value for name, value in facts.items() if name != "age"}
    seen = max(now, facts["publish_at"] or now)
    if facts["source_id"] == "anci":
        fields["expires"] = now - age + timedelta(days=400)
    return entry(f"e{number}", **fields, published=now - age, first_seen=now, shown=seen, slug=f"voce-{number}")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.lists(step, min_size=1, max_size=3), min_size=1, max_size=5), data=st.data())
def test_the_folder_is_what_a_publish_from_nothing_would_write(
    steps: list[list[tuple[str, Any]]],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    templates: Templates,
) -> None:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('site')}/a.db")
    desk = Desk(store, templates)
    try:
        known: list[str] = []
        for some in steps:
            for kind, what in some:
                take(desk, kind, what, known, data)
            desk.check()
    finally:
        store.close()


def take(desk: Desk, kind: str, what: Any, known: list[str], data: st.DataObject) -> None:
    if kind == "wait":
        desk.now += timedelta(days=what)
        return
    if kind == "new":
        known.append(f"e{len(known)}")
        desk.save(made_of(len(known) - 1, what, desk.now))
        return
    if kind == "retitle":
        desk.save(*islice(desk.store.entries(source="anci"), 1), title=f"Anci {desk.now:%d %m}")
        return
    if not known:
        return
    if kind == "issue":
        send_issue(desk, known)
        return
    (one,) = desk.store.entries(ids=[data.draw(st.sampled_from(known))])
    if one.left_out == FORGOTTEN:
        return
    if kind == "change":
        later = made_of(int(one.id[1:]), what, desk.now)
        kept = {name: getattr(one, name) for name in ("source_id", "first_seen", "shown", "slug")}
        desk.save(replace(later, **kept, revised=desk.now, revision=one.revision + 1, fingerprint=f"{desk.now}{what}"))
    elif kind == "hide" and not one.left_out:
        hide(one, desk.store, desk.now)
    elif kind == "unhide" and hidden_at(one.left_out):
        unhide(one, desk.store, desk.now)
    elif kind == "withdraw":
        desk.store.save(changes(one.source_id, withdrawn=(one.id,), at=desk.now, check=desk.check_of(one)))
    elif kind == "take back":
        desk.store.save(changes(one.source_id, reappeared=(one.id,), at=desk.now, check=desk.check_of(one)))
    elif kind == "forget":
        forget(desk.site, desk.store, desk.now)


def send_issue(desk: Desk, known: list[str]) -> None:
    """One that carries all that none has carried yet, and tells of a change in the first entry."""
    closes = desk.now + timedelta(seconds=len(desk.store.issues()))
    issue = desk.store.add_issue("settimanale", closes - timedelta(days=7), closes, closes, known)
    if issue:
        frozen = replace(issue, frozen=desk.now, hash=f"{issue.number}", note="<p>Care colleghe</p>")
        told = [Told(id_, issue.number, 0, desk.now, words="nuova data" if id_ == known[0] else "") for id_ in known]
        desk.store.queue_issue(frozen, [], [], told)


# --- what it costs ---


def fill(desk: Desk, count: int) -> None:
    for number in range(count):
        when = days(-number)
        desk.save(entry(f"e{number}", title=f"Avviso numero {number}", published=when, first_seen=when, shown=when))


def test_one_more_entry_makes_its_own_pages_and_those_it_stands_on(desk: Desk) -> None:
    fill(desk, 200)
    desk.check()
    whole = len(desk.disk.output)
    before = dict(desk.disk.output)
    desk.save(entry("nuova", title="Bando di prova", first_seen=NOW, shown=NOW, slug="bando"))
    made = desk.made()
    changed = {path for path, body in desk.disk.output.items() if before.get(path) != body}
    assert changed == {
        "index.html",
        "entries/bando/index.html",
        "sitemap-2026-06.xml",
        *(f"{section}/{page}.html" for section in ("news", "atti") for page in ("index", "2026-06")),
        *(
            f"feeds/{name}{form}{gz}"
            for name in ("all", "news", "atti")
            for form in (".atom", ".rss", ".json")
            for gz in ("", ".gz")
        ),
        *(f"search/2026-06.json{gz}" for gz in ("", ".gz")),
        *(f"feeds/{name}/2026-06.atom{gz}" for name in ("all", "news") for gz in ("", ".gz")),
        "sitemap-pages.xml",
        *(f"sources/{page}.html" for page in ("index", "anci/index", "anci/2026")),
    }
    assert made < whole / 4, (made, whole)


def test_nothing_new_makes_nothing_but_what_goes_by_the_hour(desk: Desk) -> None:
    fill(desk, 30)
    desk.check()
    desk.now += timedelta(hours=1)
    assert desk.made() < 10


def test_a_run_that_was_stopped_is_finished_by_the_next(desk: Desk) -> None:
    fill(desk, 5)
    desk.disk.fault = OSError("killed")
    with pytest.raises(OSError, match="killed"):
        desk.made()
    desk.disk.fault = None
    desk.check()
    desk.save(entry("nuova", first_seen=NOW, shown=NOW, slug="nuova"))
    desk.disk.fault = OSError("killed")
    with pytest.raises(OSError, match="killed"):
        desk.made()
    desk.disk.fault = None
    desk.check()
    assert "entries/nuova/index.html" in desk.disk.output


def test_another_folder_another_catalogue_and_another_rule_are_noticed(desk: Desk) -> None:
    fill(desk, 5)
    desk.check()
    desk.disk = FakeDisk({})
    desk.check()
    desk.catalogue = Catalogue(":memory:")
    desk.check()
    desk.site = replace(SITE, rules=(Rule(Condition(title=("avviso",)), section="agenda"),))
    desk.check()
    assert b"Avviso numero 0" in desk.disk.output["agenda/index.html"]
    desk.site = replace(desk.site, sources=(source("anci", title="Altro nome"), *SITE.sources[1:]))
    desk.check()
    assert b"Altro nome" in desk.disk.output["entries/avviso-e0/index.html"]
    desk.now -= timedelta(days=2)
    desk.check()


def test_a_tag_that_most_spell_otherwise_is_called_so_everywhere(desk: Desk) -> None:
    def told(number: int, tag: str) -> Entry:
        when = days(-8 * number)
        return entry(
            f"e{number}",
            source_id="interno",
            title=f"Avviso {number}",
            tags=(tag,),
            published=when,
            first_seen=when,
            shown=when,
        )

    desk.save(*(told(number, "PNRR") for number in range(110)))
    desk.check()
    for start in (0, 40):
        desk.now += timedelta(hours=1)
        later = [replace(told(n, "Pnrr"), revision=1, fingerprint=f"{n}!") for n in range(start, start + 40)]
        desk.save(*later)
        desk.check()
    assert b"Pnrr" in desk.disk.output["feeds.opml"]
    assert b"<bdi>Pnrr</bdi>" in desk.disk.output["tags/pnrr/2024.html"]


def test_a_catalogue_or_a_folder_from_a_backup_is_noticed(desk: Desk, tmp_path: Path) -> None:
    desk.catalogue = Catalogue(tmp_path / "catalogue.db")
    fill(desk, 3)
    desk.check()
    folder = (dict(desk.disk.output), dict(desk.disk.owners), desk.disk.borne)
    kept = sqlite3.connect(tmp_path / "kept.db")
    sqlite3.connect(tmp_path / "catalogue.db").backup(kept)
    desk.save(entry("nuova", tags=("Passeggero",), slug="nuova"))
    desk.check()
    desk.disk.output, desk.disk.owners, desk.disk.borne = folder
    desk.check()
    hide(next(iter(desk.store.entries(ids=["nuova"]))), desk.store, desk.now)
    kept.backup(sqlite3.connect(tmp_path / "former.db"))
    desk.catalogue = Catalogue(tmp_path / "former.db")
    desk.check()
    assert not [path for path in desk.disk.output if "passeggero" in path or "nuova" in path]


def test_a_store_that_knows_less_than_it_did_is_noticed(desk: Desk, templates: Templates, tmp_path: Path) -> None:
    fill(desk, 3)
    desk.check()
    desk.store = open_store(f"sqlite:///{tmp_path}/other.db")
    desk.save(entry("sola", slug="sola"))
    desk.check()
    desk.store.close()
