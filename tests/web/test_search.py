"""GET /search on the web side: what is published is found, nothing else is, and nothing that is typed breaks it."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from aggregator import cli, disk
from aggregator.catalogue import Catalogue
from aggregator.catalogue.reading import CatalogueFinder
from aggregator.disk import FolderDisk
from aggregator.jobs.publishing.publish import publish
from aggregator.jobs.pulling.hide import hide, unhide
from aggregator.model import Entry
from aggregator.ports import Store
from aggregator.render.press import Look
from aggregator.render.templates import Templates
from aggregator.settings import Config, Web
from aggregator.store import open_store
from aggregator.web.search import search_route
from aggregator.web.static import listening, serving
from tests.build import NOW, changes, check, config, days, entry, source
from tests.cli.desk import HEAD, Process
from tests.pages import Outline, text

SITE = config(sources=(source("anci", text="full"), source("uffici", area="reserved")), web=Web())
TEMPLATES = Templates(disk.templates(None), SITE.site.zone)


@dataclass(frozen=True)
class Told:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc

    def __call__(self, path: str, method: str = "GET") -> Told:
        with closing(http.client.HTTPConnection(self._host)) as connection:
            connection.request(method, path)
            answer = connection.getresponse()
            return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


class Desk:
    """A site that is published and searched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: Store = open_store(f"sqlite:///{folder}/a.db")
        self.site: Config = SITE
        (folder / "public").mkdir()

    @contextmanager
    def served(self) -> Iterator[None]:
        finder = CatalogueFinder(self.folder / "catalogue.db")
        route = search_route(self.folder / "public", finder, Look(SITE, TEMPLATES))
        with serving(self.folder / "public", listening("127.0.0.1:0"), [route]) as address:
            self.get = Client(address)
            yield

    def save(self, *entries: Entry, **fields: Any) -> None:
        for one in entries:
            kind = "changed" if list(self.store.entries(ids=[one.id])) else "new"
            self.store.save(changes(one.source_id, **{kind: [one]}, check=check(one.source_id), **fields))

    def publish(self, day: float = 0, templates: Templates = TEMPLATES) -> tuple[str, ...]:
        with closing(Catalogue(self.folder / "catalogue.db")) as catalogue:
            folder = FolderDisk(None, self.folder / "public")
            report = publish(self.site, self.store, folder, catalogue, templates, days(day))
        return report.broken

    def found(self, query: str) -> list[str]:
        """The slugs of the entries that an answer names, in its order."""
        told = self.get(f"/search?q={quote(query)}")
        assert told.status == 200, told.text
        return re.findall(r'<h2[^>]*><a href="entries/([^/]+)/index.html">', told.text)


def opened(folder: Path) -> Iterator[Desk]:
    made = Desk(folder)
    with made.served():
        yield made
    made.store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from opened(tmp_path)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One that is published once, and only asked."""
    for desk in opened(tmp_path_factory.mktemp("site")):
        desk.save(entry("a", title="Permesso"))
        desk.publish()
        yield desk


def test_a_word_in_any_number_and_spelling_finds_what_is_published_wherever_it_stands(desk: Desk) -> None:
    desk.save(
        entry("titolo", title="Il permesso di soggiorno in città"),
        entry("testo", title="Avviso", content="<p>Rilascio dei <b>permessi</b> entro trenta giorni</p>"),
        entry("tag", title="Circolare", tags=("Permesso unico",)),
        entry("altro", title="Corso di lingua"),
    )
    desk.publish()
    assert desk.found("permessi") == ["avviso-titolo", "avviso-tag", "avviso-testo"]
    assert desk.found("PERMESSO della CITTA'") == ["avviso-titolo"]
    assert desk.found("trenta giorno") == ["avviso-testo"]
    assert desk.found("rilasc") == ["avviso-testo"]
    assert desk.found("trenta soggiorno") == []
    assert len(desk.found("anci")) == 4, "the source"


def test_what_may_not_be_shown_is_not_found_from_the_next_publish_on(desk: Desk) -> None:
    hidden = entry("nascosto", title="Parola nascosta")
    desk.save(
        hidden,
        entry("riservato", source_id="uffici", title="Parola riservata"),
        entry("futuro", title="Parola futura", publish_at=days(2), shown=days(2)),
        entry("ritirato", title="Parola ritirata"),
        entry("scaduto", source_id="announcements", title="Parola scaduta", expires=days(1)),
        entry("scartato", title="Parola scartata", left_out="exclude: parola"),
    )
    desk.publish()
    assert sorted(desk.found("parola")) == ["avviso-nascosto", "avviso-ritirato", "avviso-scaduto"]
    hide(hidden, desk.store, NOW)
    desk.store.save(changes("anci", withdrawn=("ritirato",), check=check("anci")))
    assert desk.found("nascosta") == ["avviso-nascosto"], "its page stands there until then"
    desk.publish(1.5)
    assert desk.found("parola") == []
    desk.publish(2.5)
    assert desk.found("parola") == ["avviso-futuro"]
    unhide(next(iter(desk.store.entries(ids=["nascosto"]))), desk.store, days(2.6))
    desk.publish(2.7)
    assert sorted(desk.found("parola")) == ["avviso-futuro", "avviso-nascosto"]


def test_only_what_the_source_lets_us_show_is_found(desk: Desk) -> None:
    desk.site = replace(SITE, sources=(source("anci", text="title"),))
    desk.save(entry("a", title="Avviso breve", summary="<p>Segreto</p>", content="<p>Segretissimo</p>"))
    desk.publish()
    assert (desk.found("breve"), desk.found("segret"), desk.found("segretissimo")) == (["avviso-a"], [], [])


def test_what_changes_is_found_by_its_new_words_only(desk: Desk) -> None:
    one = entry("a", title="Bando vecchio")
    desk.save(one)
    desk.publish()
    desk.save(replace(one, title="Decreto nuovo", revision=1, fingerprint="x"))
    desk.publish(1)
    assert (desk.found("vecchio"), desk.found("decreti")) == ([], ["avviso-a"])


def test_what_could_not_be_written_is_no_result_yet(desk: Desk) -> None:
    desk.save(entry("a", title="Primo avviso"))
    desk.publish()
    desk.save(entry("b", title="Secondo avviso"))
    broken = Templates({**disk.templates(None), "site/entry.html": "{{ no }}"}, SITE.site.zone)
    assert desk.publish(1, broken) == ("publish",)
    assert desk.found("avviso") == ["avviso-a"]


def test_results_are_paged_and_a_page_that_is_not_there_is_the_last(desk: Desk) -> None:
    desk.save(*(entry(f"{n}", title=f"Avviso numero {n}", summary="") for n in range(45)))
    desk.publish()
    pages = [desk.get(f"/search?q=avvisi&page={n}").text for n in (1, 2, 3, 9999)]
    assert [re.findall(r"Risultati: (.*?)\.", page) for page in pages] == [
        [f"45, pagina {n} di 3"] for n in (1, 2, 3, 3)
    ]
    slugs = [re.findall(r"entries/([^/]+)/", page) for page in pages[:3]]
    assert [len(some) for some in slugs] == [20, 20, 5]
    assert len({slug for some in slugs for slug in some}) == 45
    assert "?q=avvisi&page=2" in [link.replace("&amp;", "&") for link in Outline(pages[0]).links]


# --- whatever is typed ---

HOSTILE = [
    "", " ", '"', "'", "*", "a*", '"permesso', "permesso OR avviso", "NOT permesso", "title:permesso", "NEAR(a, b)",
    "-a", "^permesso", "(((", "\x00", "permesso\x00", "😀", "﷽" * 300, "à" * 1_000, "a " * 5_000, "%", "_", "<script>",
    "'; DROP TABLE said; --", "\u202e", "مرحبا", "漢字", "ß", "\t\n", "x" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=[ascii(query)[:20] for query in HOSTILE])
def test_whatever_is_typed_is_answered_with_a_page(still: Desk, query: str) -> None:
    told = still.get(f"/search?q={quote(query)}")
    assert told.status == 200
    outline = Outline(told.text)
    assert (outline.scripts, outline.headings[0]) == ([], 1)
    assert "\x00" not in told.text
    assert len(told.body) < 20_000


ODD = ["q=%FF%FE&page=2", "q=%", "q", "page=-1&q=a", "page=1e9&q=a", "q=a&q=b", "page=%00&q=a", "q=%ED%A0%80", "x=1"]


@pytest.mark.parametrize("query", ODD)
def test_whatever_the_address_says_is_answered(still: Desk, query: str) -> None:
    assert still.get(f"/search?{query}").status == 200


def test_only_asking_is_possible(desk: Desk) -> None:
    desk.publish()
    before = (desk.folder / "catalogue.db").read_bytes()
    asked, headed = desk.get("/search?q=a"), desk.get("/search?q=a", "HEAD")
    assert (headed.status, headed.body) == (200, b"")
    assert headed.headers["content-length"] == asked.headers["content-length"]
    assert asked.headers["content-type"] == "text/html; charset=utf-8"
    assert asked.headers["cache-control"] == desk.get("/").headers["cache-control"]
    assert "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'" in asked.text
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert desk.get("/search?q=a", method).status == 405
    assert (desk.folder / "catalogue.db").read_bytes() == before


# --- what else may be the matter ---


def gone(file: Path) -> None:
    file.unlink()


def older(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def damaged(file: Path) -> None:
    file.write_bytes(b"nothing of the kind" * 99)


@pytest.mark.parametrize("harm", [gone, older, damaged])
def test_without_a_catalogue_a_page_says_so_and_files_are_served_all_the_same(
    desk: Desk, harm: Callable[[Path], None]
) -> None:
    desk.save(entry("a", title="Permesso"))
    desk.publish()
    harm(desk.folder / "catalogue.db")
    told = desk.get("/search?q=permesso")
    assert (told.status, told.headers["retry-after"]) == (503, "60")
    assert "La ricerca è in preparazione." in text(told.text)
    assert 'value="permesso"' in told.text
    assert desk.get("/search?q=").status == 200
    assert desk.get("/search/").status == 200
    desk.publish(1)
    assert desk.found("permesso") == ["avviso-a"], "the next publish makes it anew"


def test_without_a_web_side_nothing_is_kept_and_the_address_leads_to_the_page(desk: Desk) -> None:
    desk.site = replace(SITE, web="none")
    desk.save(entry("a", title="Permesso"))
    desk.publish()
    with closing(sqlite3.connect(desk.folder / "catalogue.db")) as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (0,)
    with serving(desk.folder / "public", listening("127.0.0.1:0")) as address:
        get = Client(address)
        assert get("/search").headers["location"].endswith("/search/")
        assert get("/search/2026-06.json").headers["content-type"] == "application/json"
        assert get("/search/search.js").headers["content-type"] == "text/javascript; charset=utf-8"
    desk.site = SITE
    desk.publish(1)
    assert desk.found("permesso") == ["avviso-a"], "once there is one, all that is published is found"


def test_the_command_answers_where_the_settings_say(tmp_path: Path) -> None:
    more = "announcements: a/\nweb: {listen: 127.0.0.1:0}\n"
    (tmp_path / "feeds.yaml").write_text(f"{HEAD}{more}", encoding="utf-8")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/uno.md").write_text("---\ntitle: Permesso\nsection: news\n---\nRilascio in trenta giorni.\n")
    assert cli.run(["--config", str(tmp_path / "feeds.yaml"), "publish"]) == 0
    process = Process(tmp_path, "serve", "--json")
    assert process.running.stdout is not None
    get = Client(json.loads(process.running.stdout.readline())["url"])
    told = get("/search?q=permessi+rilascio")
    assert (told.status, len(re.findall("entries/permesso-", told.text))) == (200, 1)
    process.terminate()
    ran = process.ended()
    assert (ran.code, ran.err) == (0, "")
