"""What the tests of the command line share: commands typed, in this process or in one of their own, and small feeds.

desk.write({"comune": site.url("/feed")})          # feeds.yaml; more of it as text
ran = desk("--now", MONDAY, "pull", "--json")
assert ran.code == 0 and ran.told["counts"]["new"] == 2
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregator import cli

# A week of June 2026, in the site's own time: the newsletter closes and leaves on Mondays at eight.
WEDNESDAY, FRIDAY, MONDAY, NEXT_MONDAY = "2026-06-10T09:00", "2026-06-12T09:00", "2026-06-15T08:00", "2026-06-22T08:00"

HEAD = """site:
  title: Sportello di prova
  url: https://notizie.example.it/
sections: [News]
"""
NEWSLETTER = """
newsletters:
  - {id: settimanale, title: La settimana, when: mon 08:00}
mail: {from: "Sportello <notizie@example.it>", bounces: {maildir: bounces/}}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The one JSON object on stdout."""
        (line,) = self.lines
        return line

    @property
    def lines(self) -> list[Any]:
        """The JSON objects on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Desk:
    """A folder, and what is typed in it. Calling it runs a command in this very process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *words: str) -> Ran:
        self._capsys.readouterr()
        code = cli.run(list(words))
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)

    def write(self, sources: Mapping[str, str], more: str = "", head: str = HEAD, network: str = "") -> None:
        """A feeds.yaml with these sources, {id: address}; loopback may be asked."""
        listed = "".join(f"  - {{id: {id_}, url: {url}}}\n" for id_, url in sources.items())
        last = f"network: {{allow_private: 127.0.0.0/8{network}}}\n"
        self.file("feeds.yaml", f"{head}{'sources:' if listed else ''}\n{listed}{more}{last}")

    def file(self, path: str, text: str) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def mails(self) -> list[Path]:
        return sorted((self.folder / "outbox").glob("*.eml"))


class Process:
    """A command in a process of its own, as the shell and cron run it."""

    def __init__(self, folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "aggregator.cli", *words]
        self.running = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def terminate(self) -> None:
        self.running.terminate()

    def ended(self) -> Ran:
        out, err = self.running.communicate(timeout=60)
        return Ran(self.running.returncode, out, err)


def rss(*items: tuple[str, str], title: str = "Comune di Prova") -> bytes:
    """A feed with these entries, (title, RFC 822 date)."""
    told = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{name}</title>"
        f"<link>https://comune.example.it/{number}</link><pubDate>{day}</pubDate></item>"
        for number, (name, day) in enumerate(items)
    )
    return f"<rss version='2.0'><channel><title>{title}</title>{told}</channel></rss>".encode()


OLD = ("Orari di marzo", "Mon, 02 Mar 2026 10:00:00 +0100")
FRESH = ("Sportello aperto anche il sabato", "Tue, 09 Jun 2026 10:00:00 +0200")
FRESHER = ("Corso di italiano per genitori", "Thu, 11 Jun 2026 10:00:00 +0200")
