"""A site kept on PostgreSQL is the very site that SQLite keeps: every report, page, feed and mail."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from tests.cli.desk import FRESH, FRESHER, FRIDAY, MONDAY, NEWSLETTER, NEXT_MONDAY, OLD, WEDNESDAY, Desk
from tests.servers import Route, serve

BOARD = [(f"Bando {n}", f"Tue, 0{n} Jun 2026 10:00:00 +0200", f"Testo del bando {n}") for n in range(1, 7)]
NEWS = [(*FRESH, "Dalle nove a mezzogiorno"), (*OLD, "Chiusi il lunedì")]


def feed(guids: str, *items: tuple[str, str, str]) -> bytes:
    told = "".join(
        f"<item><guid isPermaLink='false'>{guids} {title}</guid><title>{title}</title><pubDate>{day}</pubDate>"
        f"<link>https://comune.example.it/{guids}/{number}</link><description>{words}</description></item>"
        for number, (title, day, words) in enumerate(items)
    )
    return f"<rss version='2.0'><channel><title>Comune</title>{told}</channel></rss>".encode()


@pytest.fixture
def schema(postgres: str) -> str:
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    return f"{postgres}&options={quote(f'-csearch_path={name}')}"


def test_a_life_on_both_databases(schema: str, tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An issue, a rebuilt board that is hidden in part and accepted, a correction, what is withdrawn and comes back,
    somebody who leaves, and every job once more for nothing."""
    routes: dict[str, Route] = {}
    lives = []
    with serve(routes) as web:
        for place, store in (("a", "sqlite:///data/aggregator.db"), ("b", schema)):
            (tmp_path / place).mkdir()
            monkeypatch.chdir(tmp_path / place)
            monkeypatch.setattr(desk, "folder", tmp_path / place)
            lives.append(life(desk, routes, web.url, store))
    assert lives[0] == lives[1]
    reports, files, mails = lives[0]
    assert [counts["new"] for job, counts in reports if job == "pull"] == [9, 6, 0, 1, 0]
    assert [counts for job, counts in reports if job == "accept"] == [{"archived": 5, "shown": 0, "kept out": 1}]
    assert [to for to, _, _ in mails] == ["anagrafe@comune.example.it", "urp@comune.example.it"] * 2
    assert FRESHER[0].encode() in files["feeds/all.atom"]


def life(desk: Desk, routes: dict[str, Route], url: Any, store: str) -> tuple[list[Any], dict[str, bytes], list[Any]]:
    """All reports in order, what is published, and the mails: (to, subject, text)."""
    reports = []

    def done(*words: str) -> list[Any]:
        ran = desk(*words, "--json")
        assert ran.code == 0, ran.err
        reports.extend((told["job"], told["counts"]) for told in ran.lines if "job" in told)
        return ran.lines

    routes.update({"/board": feed("v1", *BOARD), "/news": feed("n", *NEWS)})
    more = f"{NEWSLETTER}announcements: announcements/\nstore: {store}\n"
    desk.write({"albo": f"{url('/board')}, identity: guid", "comune": url("/news")}, more)
    desk.file("announcements/avviso.md", "---\ntitle: Chiusi per ferie\ndate: 10/06/2026\n---\nDal 10 agosto.\n")
    desk.file("data/secret.key", "una chiave di prova, la stessa per tutt'e due i siti")
    done("--now", WEDNESDAY, "pull")
    for reader in ("anagrafe", "urp"):
        done("--now", WEDNESDAY, "subscribers", "add", f"{reader}@comune.example.it", "--basis", "modulo")

    first = next(e for e in done("entries", "--source", "albo") if e["title"] == "Bando 1")
    done("--now", WEDNESDAY, "hide", first["id"])
    routes["/board"] = feed("v2", *BOARD)
    done("--now", FRIDAY, "pull", "albo")
    done("--now", FRIDAY, "accept", "albo")
    done("--now", MONDAY, "run", "--once")

    corrected = (*FRESH, "Dalle dieci a mezzogiorno e mezzo")
    routes["/news"] = feed("n", corrected, NEWS[1], (*FRESHER, "Venti posti"))
    (desk.folder / "announcements/avviso.md").unlink()
    done("--now", "2026-06-16T09:00", "pull", "comune")
    done("--now", NEXT_MONDAY, "run", "--once")
    entries = done("entries")
    letters = [email.message_from_bytes(mail.read_bytes(), policy=email.policy.default) for mail in desk.mails()]
    mails = [(mail["To"], mail["Subject"], str(mail.get_body(("plain",)).get_content())) for mail in letters]
    public = desk.folder / "public"
    files = {str(f.relative_to(public)): f.read_bytes() for f in sorted(public.rglob("*")) if f.is_file()}
    return [*reports, ("entries", entries)], files, sorted(mails, key=lambda mail: (mail[1], mail[0]))
