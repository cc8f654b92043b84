"""What befalls the files of a site, or one entry of it, costs no more than that, is told once, and is mended."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator import disk
from aggregator.catalogue import Catalogue
from aggregator.errors import RenderError
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling.hide import hide
from aggregator.model import Document, Report
from aggregator.render import site
from aggregator.render.templates import Templates
from aggregator.settings import Publish
from aggregator.store import open_store
from tests.build import NOW, changes, check, config, days, entry, hours, source

SITE = config(sources=(source("anci"),), publish=Publish(feed_entries=3))


class Place:
    """A site on a real disk, its database and its catalogue in files."""

    def __init__(self, root: Path, templates: Templates) -> None:
        self.root, self.templates, self.now = root, templates, NOW
        self.public = root / "public"
        self.store = open_store(f"sqlite:///{root}/a.db")

    def publish(self, **how: Any) -> Report:
        with closing(Catalogue(self.root / "catalogue.db")) as catalogue:
            folder = disk.FolderDisk(None, self.public)
            return publish(SITE, self.store, folder, catalogue, self.templates, self.now, **how)

    def save(self, *ids: str, **fields: Any) -> None:
        told = [entry(id_, slug=id_, first_seen=self.now, shown=self.now, **fields) for id_ in ids]
        known = check("anci", url="https://anci.example.it/feed")
        self.store.save(changes("anci", new=told, at=self.now, check=known))

    def put_back(self, backup: Path) -> None:
        self.store.close()
        for ending in ("-wal", "-shm"):
            (self.root / f"a.db{ending}").unlink(missing_ok=True)
        shutil.copy(backup, self.root / "a.db")
        self.store = open_store(f"sqlite:///{self.root}/a.db")

    def backup(self) -> Path:
        with (
            closing(sqlite3.connect(self.root / "a.db")) as here,
            closing(sqlite3.connect(self.root / "b.db")) as there,
        ):
            here.backup(there)
        return self.root / "b.db"

    def pages(self) -> set[str]:
        return {path.parent.name for path in self.public.glob("entries/*/index.html")}


@pytest.fixture
def place(tmp_path: Path, templates: Templates) -> Iterator[Place]:
    made = Place(tmp_path, templates)
    yield made
    made.store.close()


# --- a database from a backup ---


@pytest.mark.parametrize("more", [0, 1])
def test_a_database_that_was_put_back_and_has_as_many_changes_again_is_noticed(place: Place, more: int) -> None:
    place.save("uno", "due", "tre")
    backup = place.backup()
    hide(next(iter(place.store.entries(ids=["due"]))), place.store, NOW)
    place.save("quattro")
    assert place.publish().failures == ()
    assert place.pages() == {"uno", "tre", "quattro"}
    place.put_back(backup)
    hide(next(iter(place.store.entries(ids=["uno"]))), place.store, NOW)
    for number in range(1 + more):
        place.save(f"altra-{number}")
    place.now = hours(1)
    assert place.publish().failures == ()
    assert place.pages() == {"due", "tre", *(f"altra-{number}" for number in range(1 + more))}


# --- a damaged catalogue ---


def damage(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[8192:] = b"\xff" * (len(body) - 8192)
    file.write_bytes(body)


def test_a_damaged_catalogue_is_told_once_and_made_anew(place: Place) -> None:
    place.save("uno", "due")
    place.publish()
    damage(place.root / "catalogue.db")
    place.save("tre")
    place.now = hours(1)
    (failure,) = place.publish().failures
    assert failure.error.startswith("data/catalogue.db: database disk image is malformed; it was made anew")
    assert place.pages() == {"uno", "due", "tre"}
    assert place.publish().failures == ()


def test_publish_all_asks_a_damaged_catalogue_nothing(place: Place) -> None:
    place.save("uno")
    place.publish()
    damage(place.root / "catalogue.db")
    assert place.publish(whole=True).failures == ()


# --- what stands in the way ---


def test_what_is_written_beside_a_strangers_file_is_counted(place: Place) -> None:
    place.publish()
    place.save("uno", "due")
    (place.public / "entries/uno").mkdir(parents=True)
    (place.public / "entries/uno/index.html").write_text("altrui")
    report = place.publish()
    assert "stands there: entries/uno/index.html" in report.failures[0].error
    assert report.counts["written"] > 5
    assert place.pages() == {"uno", "due"}


# --- files of the output folder ---


@pytest.mark.parametrize(
    "path", ["index.html", "news/index.html", "feeds/all.atom", "feeds/news.rss.gz", "assets/style.css", "feeds.opml"]
)
def test_a_main_file_that_is_deleted_or_altered_is_mended(place: Place, path: str) -> None:
    place.save("uno")
    place.publish()
    file = place.public / path
    good = file.read_bytes()
    file.unlink()
    assert place.publish().counts["written"] == 1
    assert file.read_bytes() == good
    file.write_bytes(b"altered" + good)
    assert place.publish().counts["written"] == 1
    assert file.read_bytes() == good
    assert place.publish().counts == {"written": 0, "same": 1, "removed": 0}


def test_a_page_of_an_entry_that_is_deleted_comes_back_with_all(place: Place) -> None:
    place.save("uno")
    place.publish()
    (place.public / "entries/uno/index.html").unlink()
    place.publish(whole=True)
    assert place.pages() == {"uno"}


# --- one part that cannot be made ---


def odd(monkeypatch: pytest.MonkeyPatch, error: Exception, *ids: str) -> None:
    """Let the pages of these entries, or of all, raise."""
    page = site.entry_page

    def made(press: Any, one: Any, story: Any) -> Document:
        if not ids or one.id in ids:
            raise error
        return page(press, one, story)

    monkeypatch.setattr(site, "entry_page", made)


@pytest.mark.parametrize("error", [ValueError("year 0 is out of range"), RenderError("templates/site/entry.html:7: 0")])
def test_an_entry_that_cannot_be_rendered_keeps_nothing_else_back(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    place.save("uno")
    place.publish()
    (one,) = place.store.entries()
    page = (place.public / "entries/uno/index.html").read_bytes()
    place.now = hours(1)
    place.save("due")
    changed = replace(one, title="Altro titolo", fingerprint="x", revision=1)
    known = check("anci", url="https://anci.example.it/feed")
    place.store.save(changes("anci", changed=[changed], at=place.now, check=known))
    with monkeypatch.context() as patch:
        odd(patch, error, "uno")
        for _ in range(2):
            (failure,) = place.publish().failures
            assert failure.error == (
                f"entry:uno: cannot be made ({type(error).__name__}: {error}); "
                "what stands there stays, and is tried again"
            )
            assert place.pages() == {"uno", "due"}
            assert (place.public / "entries/uno/index.html").read_bytes() == page
            assert b"Altro titolo" in (place.public / "feeds/all.atom").read_bytes()
    assert "making entry:uno crashed" in caplog.text
    assert place.publish().failures == ()
    assert b"Altro titolo" in (place.public / "entries/uno/index.html").read_bytes()


def test_of_many_parts_that_cannot_be_made_some_are_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.save(*(f"e{number}" for number in range(15)))
    odd(monkeypatch, ValueError("odd"))
    failures = place.publish().failures
    told = [failure.error for failure in failures if "cannot be made" in failure.error]
    assert len(told) == 11
    assert told[-1] == "5 more parts cannot be made"


# --- the link of an act ---


def test_pages_of_an_act_name_its_text_as_their_own_latest_story_does(place: Place) -> None:
    address = "https://www.gazzettaufficiale.it/eli/id/{}/sg"
    for number in range(101):
        place.now = days(number - 500 if number else -20)  # one of them in the year of the new one
        place.save(f"e{number}", title=f"Avviso {number}", url=address.format("2025/01/02/17G00012"), published=None)
    place.now = NOW
    place.publish()
    place.now = hours(1)
    place.save("nuova", title="Bando", url=address.format("2026/06/03/17G00012"))
    assert place.publish().failures == ()
    mended = {path.name: path.read_bytes() for path in place.public.glob("acts/*/*.html")}
    place.publish(whole=True)
    assert {path.name: path.read_bytes() for path in place.public.glob("acts/*/*.html")} == mended
    assert len(mended) > 2
    assert b"2026/06/03/17G00012" in mended["index.html"]
