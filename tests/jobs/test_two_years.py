"""Two years of five newsletters on one store: outages, double starts, slow pulls, embargoes, changed minds.

What must hold at the end was written from contract.md, *Issues*, without looking at the code: every entry that a
newsletter wants is in exactly one of its issues, by itself or by an entry of its story, and in the first that could.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aggregator.jobs.issues.compose import compose
from aggregator.model import Entry, Issue
from aggregator.ports import Store
from aggregator.settings import Config, Newsletter
from tests.build import changes, config, entry, newsletter, source
from tests.fakes import FakeDesk

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
END = datetime(2028, 1, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDED_LATER = datetime(2026, 9, 1, 10, tzinfo=UTC)
WIDENED = datetime(2027, 3, 10, 10, tzinfo=UTC)
# From, and for how long, nothing runs. The first two lie on the nights the clock changes.
OUTAGES = (
    (datetime(2026, 3, 29, 0, tzinfo=UTC), 30 * HOUR),
    (datetime(2026, 10, 24, 22, tzinfo=UTC), 33 * HOUR),
    (datetime(2026, 5, 11, 5, 30, tzinfo=UTC), HOUR),
    (datetime(2026, 8, 7, 8, tzinfo=UTC), 7 * DAY),
    (datetime(2027, 7, 28, 8, tzinfo=UTC), 31 * DAY),
)
SOURCES = (source("anci"), source("interno", section="atti"), source("questura", area="reserved"))


def newsletters(now: datetime) -> tuple[Newsletter, ...]:
    """As feeds.yaml names them at a moment."""
    narrow = ("news",) if now < WIDENED else ("news", "atti")
    told = [
        newsletter("settimanale"),
        newsletter("bozza", when="mon 08:00", draft="fri 12:00", area="reserved"),
        newsletter("giornaliera", when="mon-fri 08:00", sections=narrow),
        newsletter("mensile", when="first mon 09:00", empty="send"),
    ]
    return tuple(told if now < ADDED_LATER else [*told, newsletter("nuova", when="daily 18:00", sections=("atti",))])


def at(now: datetime) -> Config:
    return config(sources=SOURCES, newsletters=newsletters(now))


@dataclass
class World:
    """A clock that moves, and everything that happened."""

    store: Store
    dice: random.Random
    saved_at: dict[str, datetime] = field(default_factory=dict)
    composed_at: dict[tuple[str, int], datetime] = field(default_factory=dict)
    looks: list[datetime] = field(default_factory=list)
    slow: list[Entry] = field(default_factory=list)

    def live(self) -> None:
        now = START
        while now < END:
            self.save(self.slow, now)
            self.slow = []
            found = list(self.pull(now))
            slow = self.dice.random() < 0.2  # a pull that began now and is saved after the next issue
            self.slow = found if slow else []
            self.save([] if slow else found, now)
            self.compose(now)
            if self.dice.random() < 0.1:
                assert compose(at(now), self.store, FakeDesk(), now).issues == ()
            now = self.later(now)
        self.save(self.slow, now)
        for further in range(5, 66, 5):
            self.compose(now + further * DAY)

    def later(self, now: datetime) -> datetime:
        now += self.dice.choice([7 * HOUR, 30 * HOUR, 70 * HOUR, 120 * HOUR])
        for start, length in OUTAGES:
            if start <= now < start + length:
                return start + length
        return now

    def pull(self, now: datetime) -> list[Entry]:
        """A few entries in a week: some told by two sources, some under an embargo, some never news."""
        if self.dice.random() > 0.6:
            return []
        name = f"e{len(self.saved_at) + len(self.slow)}"
        kind = self.dice.choice(["plain", "plain", "plain", "archive", "embargo", "story", "left out"])
        home = self.dice.choice(["anci", "interno", "questura"])
        told = entry(name, source_id=home, url=None, first_seen=now, shown=now, published=now)
        match kind:
            case "archive":
                return [replace(told, archive=True, shown=None)]
            case "embargo":
                hour = now + self.dice.randrange(1, 20) * DAY
                return [replace(told, source_id="announcements", publish_at=hour, shown=hour)]
            case "story":
                page = f"https://www.interno.example.it/notizie/{name}"
                return [
                    replace(told, source_id="anci", url=page),
                    replace(told, id=f"{name}-b", source_id="interno", url=page),
                ]
            case "left out":
                return [replace(told, left_out="exclude: nido")]
        return [told]

    def save(self, found: list[Entry], now: datetime) -> None:
        for one in found:
            self.store.save(changes(one.source_id, new=[one], at=now))
            self.saved_at[one.id] = now

    def compose(self, now: datetime) -> None:
        self.looks.append(now)
        for issue in compose(at(now), self.store, FakeDesk(), now).issues:
            assert issue.closes <= now
            self.composed_at[issue.newsletter, issue.number] = now


def wanted_by(letter: Newsletter, one: Entry) -> bool:
    section = {"interno": "atti"}.get(one.source_id, "news")
    open_to = letter.area == "reserved" or one.source_id != "questura"
    return open_to and (not letter.sections or section in letter.sections)


def test_two_years_of_newsletters_owe_every_entry_once(store: Store) -> None:
    world = World(store, random.Random(17))
    world.live()
    assert len(world.saved_at) > 150
    for letter in newsletters(END):
        past = store.issues(letter.id)
        every_entry_once(world, letter, past)
        in_the_first_issue_that_could(world, letter, past)
        numbered_timely_and_not_empty(letter, past)
    a_newsletter_was_added_and_another_widened(world)


def every_entry_once(world: World, letter: Newsletter, past: tuple[Issue, ...]) -> None:
    stored = {e.id: e for e in world.store.entries()}
    told = Counter(id_ for issue in past for id_ in issue.entries)
    assert not [id_ for id_, times in told.items() if times > 1]
    opens = world.store.opened(letter.id, END)
    for one in stored.values():
        mates = {i for i in (f"{one.id}-b", one.id.removesuffix("-b"), one.id) if i in stored}
        story_is_wanted = any(wanted_by(letter, stored[i]) for i in mates)
        is_news = one.shown is not None and one.shown >= opens and not one.left_out
        assert bool(told[one.id]) is (is_news and story_is_wanted), (letter.id, one)


def in_the_first_issue_that_could(world: World, letter: Newsletter, past: tuple[Issue, ...]) -> None:
    stored = {e.id: e for e in world.store.entries()}
    composed = {issue.number: world.composed_at[letter.id, issue.number] for issue in past}
    for place, issue in enumerate(past):
        for one in (stored[id_] for id_ in issue.entries):
            assert one.shown is not None
            assert one.shown < issue.closes
            assert world.saved_at[one.id] <= composed[issue.number]
            for earlier in past[:place]:
                could = one.shown < earlier.closes and world.saved_at[one.id] <= composed[earlier.number]
                narrow = letter.id == "giornaliera" and composed[earlier.number] < WIDENED
                assert not could or (narrow and one.source_id == "interno"), (letter.id, one, earlier)


def numbered_timely_and_not_empty(letter: Newsletter, past: tuple[Issue, ...]) -> None:
    assert len(past) > 15
    assert [i.number for i in past] == list(range(1, len(past) + 1))
    assert all(earlier.closes < later.closes and earlier.opens < later.opens for earlier, later in pairwise(past))
    assert letter.empty == "send" or all(i.entries for i in past)
    rhythm = letter.draft or letter.when
    local = [i.closes.astimezone(config().site.zone) for i in past]
    assert {moment.time() for moment in local} == {rhythm.at}
    assert all(rhythm.falls_on(moment.date()) for moment in local)
    assert all(i.closes < i.due if letter.draft else i.closes == i.due for i in past)


def a_newsletter_was_added_and_another_widened(world: World) -> None:
    stored = {e.id: e for e in world.store.entries()}
    first, *_ = world.store.issues("nuova")
    assert min(moment for id_ in first.entries if (moment := stored[id_].shown)) >= ADDED_LATER - 2 * DAY
    daily = world.store.issues("giornaliera")
    lone_acts = [
        i for i in daily if any(e.source_id == "interno" and not e.url for e in map(stored.get, i.entries) if e)
    ]
    assert min(world.composed_at["giornaliera", i.number] for i in lone_acts) >= WIDENED
