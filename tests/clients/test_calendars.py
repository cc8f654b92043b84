"""Real programs for calendars read ours, and follow an event that is moved and one that is called off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import icalendar
import pytest

from aggregator.disk import templates
from aggregator.model import Entry, Event, Gone, Placement, Story
from aggregator.render.templates import Templates
from tests.build import config, days, entry, hours
from tests.clients.desk import Served, needs, needs_npm, node, run
from tests.press import documents

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

KHAL = """[calendars]
[[ours]]
path = {folder}/calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Rome
default_timezone = Europe/Rome
[sqlite]
path = {folder}/khal.db
"""


class Khal:
    """khal with a calendar of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "calendar").mkdir()
        (folder / "config").write_text(KHAL.format(folder=folder))

    def take(self, file: Path) -> set[tuple[str, str, str]]:
        """Import a calendar; what is listed then: (title, start, status)."""
        own = ("khal", "-c", f"{self._folder}/config")
        run(*own, "import", "--batch", str(file), home=self._folder)
        told = run(*own, "list", "--notstarted", "--day-format", "", "--format", "{title}|{start}|{status}",
                   "2026-04-01", "200d", home=self._folder)  # fmt: skip
        return {tuple(line.split("|")) for line in told.splitlines() if line}  # type: ignore[misc]


def summaries(file: Path) -> set[str]:
    return {str(one["summary"]) for one in icalendar.Calendar.from_ical(file.read_bytes()).walk("VEVENT")}


@needs("khal", "khal")
@pytest.mark.parametrize("name", ["events", "deadlines"])
def test_khal_lists_every_date_of_the_demo(served: Served, tmp_path: Path, name: str) -> None:
    file = served.public / f"feeds/{name}.ics"
    assert {title for title, _, _ in Khal(tmp_path).take(file)} == summaries(file)


@needs("khal", "khal")
def test_khal_follows_an_event_that_is_moved_and_one_that_is_called_off(tmp_path: Path) -> None:
    def written(*entries: Entry, gone: tuple[Gone, ...] = ()) -> Path:
        stories = [Story(one, (), (Placement("agenda", "source"),)) for one in entries]
        made = documents(config(), stories, Templates(templates(None), config().site.zone), gone=gone)
        file = tmp_path / "events.ics"
        file.write_bytes(next(d.body for d in made if d.path == "feeds/events.ics"))
        return file

    meeting = entry("a", title="Incontro", events=(Event(hours(4), hours(5)),))
    feast = entry("b", title="Festa", events=(Event(hours(8), hours(9)),))
    khal = Khal(tmp_path)
    assert khal.take(written(meeting, feast)) == {
        ("Incontro", "2026-06-15 12:00", "CONFIRMED "),
        ("Festa", "2026-06-15 16:00", "CONFIRMED "),
    }
    moved = replace(meeting, events=(Event(days(1), days(1)),), revision=1, revised=hours(1))
    off = Gone(feast, ("agenda",), hours(1))
    assert khal.take(written(moved, gone=(off,))) == {
        ("Incontro", "2026-06-16 08:00", "CONFIRMED "),
        ("Annullato", "2026-06-15 16:00", "CANCELLED "),
    }


ICAL = """
import ICAL from 'ical.js'
import { readFileSync } from 'node:fs'
for (const file of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, 'utf8')))
  const events = calendar.getAllSubcomponents('vevent').map(one => new ICAL.Event(one))
  console.log(JSON.stringify(events.map(one => [one.uid, one.summary, one.startDate.toJSDate().toISOString()])))
}
"""


@needs_npm("ical.js")
def test_ical_js_reads_every_calendar_of_the_demo(served: Served, tmp_path: Path) -> None:
    files = sorted(served.public.rglob("*.ics"))
    assert len(files) > 5
    lines = node(ICAL, *map(str, files), home=tmp_path).splitlines()
    for file, line in zip(files, lines, strict=True):
        assert {summary for _, summary, _ in json.loads(line)} == summaries(file)
