"""A source watched over several pulls: what each of them finds, by the entries' own titles.

watch = Watch()
watch.pull(told("a", title="Bando"))
watch.pull(told("a", title="Bando prorogato")).changed
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import dates
from aggregator.intake.decide import decide
from aggregator.intake.policy import Policy
from aggregator.model import Changes, Check, Entry, Known
from tests.build import NOW, feed, source

ROME = ZoneInfo("Europe/Rome")
CHANNEL = "https://www.example.it/albo"


def told(guid: str | None = None, *, date: str = "", text: str = "", **fields: Any) -> Entry:
    """An entry as `parse` gives it, with nothing in it but what is named."""
    moment = dates.parse(date, ROME)
    return Entry(
        "anci",
        guid=guid,
        summary=text,
        published=moment.value,
        published_raw=date,
        date_quality=moment.quality,
        **fields,
    )


def known_after(known: Iterable[Known], changes: Changes) -> tuple[Known, ...]:
    """What the store knows once it has saved the changes."""
    rows = {one.id: one for one in known}
    for entry in (*changes.new, *changes.changed):
        facts = {name: getattr(entry, name) for name in Known.__slots__ if name != "keys"}
        rows[entry.id] = Known(keys=rows[entry.id].keys if entry.id in rows else {}, **facts)
    for ids, when in ((changes.withdrawn, changes.at), (changes.reappeared, None)):
        rows |= {id: replace(rows[id], withdrawn=when) for id in ids}
    return tuple(replace(one, keys=changes.keys.get(one.id, one.keys)) for one in rows.values())


class Watch:
    """One source, pulled again and again, a day apart."""

    def __init__(self, policy: Policy | None = None, **fields: Any) -> None:
        self.policy = policy or Policy(source(**fields))
        self.known: tuple[Known, ...] = ()
        self.check = Check("anci")
        self.now = NOW

    def pull(self, *entries: Entry, home: str = CHANNEL, unread: tuple[str, ...] = ()) -> Changes:
        document = feed(*entries, home=home)
        changes = decide(document, self.known, self.check, self.policy, self.now, unread=unread)
        assert_sound(changes, self.known)
        self.known, self.check = known_after(self.known, changes), changes.check
        self.now += timedelta(days=1)
        return changes


def assert_sound(changes: Changes, known: Iterable[Known]) -> None:
    """What the store relies on: each id once, new ones unheard of, others known."""
    new, met = [e.id for e in changes.new], [*(e.id for e in changes.changed), *changes.same]
    ids = {one.id for one in known}
    assert len({*new, *met}) == len(new) + len(met)
    assert ids.isdisjoint(new)
    assert ids.issuperset({*met, *changes.reappeared, *changes.withdrawn})
    assert {*new} <= changes.keys.keys() <= {*new, *met}


def titles(entries: Iterable[Entry]) -> list[str]:
    return [entry.title for entry in entries]
