"""feeds.yaml and announcements/ as they were published last and as they are now -> what the next run would change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from aggregator.jobs.issues.newsroom import Newsroom, owes_since
from aggregator.jobs.pulling import announcements
from aggregator.jobs.pulling.standing import renamed, with_stand_ins
from aggregator.jobs.windows import open_windows
from aggregator.merge import grouped, stories
from aggregator.merge.cluster import Group, mates
from aggregator.merge.owed import carrying
from aggregator.merge.select import withheld
from aggregator.model import Area, Changes, Entry, Failure, Placement
from aggregator.ports import Disk, Store
from aggregator.settings import Config, Newsletter

NOT_THERE = "not there"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands. `withheld` says why even readers of the reserved area do not see it; empty: they do."""

    placements: tuple[Placement, ...] = ()
    area: Area = "public"
    withheld: str = NOT_THERE
    tags: tuple[str, ...] = ()
    pin: bool = False
    lead: str = ""  # the entry that tells its story, if another one does

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(p.section for p in self.placements)

    @property
    def seen(self) -> tuple[object, ...]:
        """What readers would notice: by which rule it got there they do not."""
        if self.withheld:
            return (False,)
        return self.sections, self.area, frozenset(self.tags), self.pin, self.lead


@dataclass(frozen=True, slots=True)
class Move:
    entry: Entry
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True)
class Next:
    """What enters and what leaves the next issue of a newsletter."""

    newsletter: str
    enters: tuple[Entry, ...]
    leaves: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`former` is false where nothing is known of what was published last: then everything is new.

    `sources_changed` are pairs of an id and the keys that differ, `settings` the other keys that differ, as feeds.yaml
    writes them; `announcements` what their folder brings, as a pull would take it.
    """

    former: bool
    sources_added: tuple[str, ...]
    sources_gone: tuple[str, ...]
    sources_changed: tuple[tuple[str, tuple[str, ...]], ...]
    settings: tuple[str, ...]
    announcements: Changes | None
    failures: tuple[Failure, ...]
    moves: tuple[Move, ...]
    issues: tuple[Next, ...]

    @property
    def is_empty(self) -> bool:
        told = (self.sources_added, self.sources_gone, self.sources_changed, self.settings, self.moves, self.issues)
        return not any(told) and not self.failures


def plan(former: Config | None, config: Config, store: Store, disk: Disk, now: datetime) -> Plan:
    """What differs between the site as it was published last, by `former`, and as it would be now. Touches nothing."""
    changes, failures = announcements.decided(config, store, disk, now) if config.announcements else (None, ())
    stored = tuple(store.entries())
    before = _Site.of(former, stored, store, now) if former else _Site({}, {})
    after = _Site.of(config, _with(changes, stored), store, now)
    return Plan(
        former=former is not None,
        sources_added=tuple(_missing(config, former)),
        sources_gone=tuple(_missing(former, config)),
        sources_changed=tuple(_changed_sources(former, config)),
        settings=tuple(_settings(former, config)) if former else (),
        announcements=changes,
        failures=failures,
        moves=tuple(_moves(before, after)),
        issues=tuple(_issues(before, after)),
    )


# --- a site at one moment ---


@dataclass(frozen=True, slots=True)
class _Site:
    entries: Mapping[str, tuple[Entry, Standing]]
    issues: Mapping[str, Mapping[str, Entry]]  # of each newsletter, what its next one carries

    @classmethod
    def of(cls, config: Config, stored: Iterable[Entry], store: Store, now: datetime) -> _Site:
        checks = store.checks()
        former = renamed(config, checks)
        known = {former.get(id_, id_): check for id_, check in checks.items()}
        standing = with_stand_ins(config, known)
        own = (replace(e, source_id=former.get(e.source_id, e.source_id)) for e in stored)
        groups = grouped(own, standing)
        placed = {e.id: (e, s) for group in groups for e, s in _standings(group, standing, now)}
        issues = {n.id: _next_issue(n, groups, standing, store, now) for n in config.newsletters}
        return cls(placed, issues)


def _standings(group: Group, config: Config, now: datetime) -> Iterator[tuple[Entry, Standing]]:
    """Of each entry of a story; the first that is shown leads."""
    lead = ""
    for one in group:
        why = withheld(one, config, now, "reserved")
        shown = Standing(one.placements, one.area, why, one.entry.tags, one.entry.pin, "" if why else lead)
        lead = lead or ("" if why else one.entry.id)
        yield one.entry, shown


def _next_issue(
    newsletter: Newsletter, groups: Sequence[Group], config: Config, store: Store, now: datetime
) -> Mapping[str, Entry]:
    """What the draft that waits would carry, else what an issue that closed now would."""
    waiting = [issue for issue in store.issues(newsletter.id) if issue.waits]
    if waiting:
        told = carrying(stories(groups, config, now, newsletter.area), mates(groups, waiting[0].entries))
    else:
        window = open_windows(config, now)[config.newsletters.index(newsletter)]
        since = owes_since(store, newsletter, store.first_opens(newsletter.id) or window.opens)
        again = store.owed_again(newsletter.id)
        told = Newsroom(newsletter, config, store, now).owed(groups, since, again, window.closes)
    return {entry.id: entry for story in told for entry in story.entries}


def _with(changes: Changes | None, stored: Iterable[Entry]) -> Iterator[Entry]:
    """The stored entries as they were after these changes."""
    if changes is None:
        yield from stored
        return
    changed = {e.id: e for e in changes.changed}
    for entry in stored:
        told = changed.get(entry.id, entry)
        if entry.id in changes.withdrawn:
            told = replace(told, withdrawn=changes.at)
        elif entry.id in changes.reappeared:
            told = replace(told, withdrawn=None)
        yield told
    yield from changes.new


# --- what differs ---


def _missing(here: Config | None, there: Config | None) -> Iterator[str]:
    """The sources that stand here only; one that was renamed is the same."""
    if here is None:
        return
    names = {id_ for s in (there.sources if there else ()) for id_ in (s.id, *s.formerly)}
    yield from (s.id for s in here.sources if not names.intersection((s.id, *s.formerly)))


def _changed_sources(former: Config | None, config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    for source in config.sources:
        names = (source.id, *source.formerly)
        before = next((s for s in (former.sources if former else ()) if s.id in names), None)
        if before and (keys := tuple(_differing(before, source, ""))):
            yield source.id, keys


def _settings(former: Config, config: Config) -> Iterator[str]:
    return _differing(replace(former, sources=()), replace(config, sources=()), "")


def _differing(before: Any, after: Any, key: str) -> Iterator[str]:
    """The keys whose values differ, as feeds.yaml spells them: `site.title`, `newsletters.settimanale.when`."""
    if before == after:
        return
    if is_dataclass(before) and is_dataclass(after):
        for one in fields(before):
            inner = f"{key}.{one.name.rstrip('_')}".lstrip(".")
            yield from _differing(getattr(before, one.name), getattr(after, one.name), inner)
    elif isinstance(before, tuple) and isinstance(after, tuple) and _have_ids((*before, *after)):
        here, there = ({one.id: one for one in many} for many in (before, after))
        for id_ in dict.fromkeys((*here, *there)):
            yield from _differing(here.get(id_), there.get(id_), f"{key}.{id_}")
        if list(here) != list(there) and set(here) == set(there):
            yield f"{key} (their order)"
    else:
        yield key


def _have_ids(many: Collection[Any]) -> bool:
    return all(hasattr(one, "id") for one in many)


def _moves(before: _Site, after: _Site) -> Iterator[Move]:
    nowhere = Standing()
    for id_ in dict.fromkeys((*after.entries, *before.entries)):
        entry, now_at = after.entries.get(id_) or (before.entries[id_][0], nowhere)
        was_at = before.entries[id_][1] if id_ in before.entries else nowhere
        if was_at.seen != now_at.seen:
            yield Move(entry, was_at, now_at)


def _issues(before: _Site, after: _Site) -> Iterator[Next]:
    for newsletter in dict.fromkeys((*after.issues, *before.issues)):
        was, will = before.issues.get(newsletter, {}), after.issues.get(newsletter, {})
        enters = tuple(entry for id_, entry in will.items() if id_ not in was)
        leaves = tuple(entry for id_, entry in was.items() if id_ not in will)
        if enters or leaves:
            yield Next(newsletter, enters, leaves)
