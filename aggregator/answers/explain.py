"""One entry -> why it is where it is: how it is recognised, what changed, its story, rule and gate, who carries it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from aggregator import markup
from aggregator.errors import ConfigError
from aggregator.i18n import local_day
from aggregator.intake.keys import ALL
from aggregator.intake.revise import kind
from aggregator.merge import grouped
from aggregator.merge.cluster import Group, mates
from aggregator.merge.route import Placed
from aggregator.merge.select import withheld
from aggregator.model import Entry, Known, Placement, Story
from aggregator.ports import Store
from aggregator.render import paths
from aggregator.render.feeds import FORMATS
from aggregator.render.shelving import month_of, told_at
from aggregator.render.tags import tag_slug
from aggregator.render.view import freshest, newest_first
from aggregator.settings import Config

_AROUND = 4  # words on each side of a change


@dataclass(frozen=True, slots=True)
class Key:
    """By what an entry may be recognised; `shared` is how many others of its source have the same."""

    kind: str  # guid, link, title, date, text
    known: bool
    shared: int


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` as `intake.revise` has it; `words` are the changes in title and text: [-before-] {+after+}."""

    at: datetime
    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mate:
    entry: Entry
    evidence: str  # empty: it leads


@dataclass(frozen=True, slots=True)
class Explained:
    """`withheld` says why readers do not see it, and is empty where they do; `outputs` are paths, `issues` names."""

    entry: Entry
    area: str
    keys: tuple[Key, ...]
    changes: tuple[Change, ...]
    story: tuple[Mate, ...]
    placements: tuple[Placement, ...]
    withheld: str
    outputs: tuple[str, ...]
    issues: tuple[str, ...]


def find(store: Store, name: str, site_url: str) -> Entry:
    """The stored entry with this id, slug or address, of its source or of its page here. ConfigError where none has."""
    for entry in store.entries(ids=[name]):
        return entry
    slug = re.sub(r"^.*/entries/([^/]+)/?.*$", r"\1", name) if name.startswith(site_url) else name
    for entry in store.entries():
        if slug == entry.slug or name in (entry.url, entry.guid):
            return entry
    raise ConfigError(f"no entry is called {name!r}; `aggregator entries` lists them with their ids")


def explain(entry: Entry, config: Config, store: Store, now: datetime) -> Explained:
    groups = grouped(store.entries(), config)
    group = next(g for g in groups if any(one.entry.id == entry.id for one in g))
    own = next(one for one in group if one.entry.id == entry.id)
    hidden = withheld(own, config, now, "public")
    return Explained(
        entry=own.entry,
        area=own.area,
        keys=tuple(_keys(entry, store.known(entry.source_id))),
        changes=tuple(_changes(entry, store)),
        story=tuple(Mate(one.entry, one.evidence) for one in group),
        placements=own.placements,
        withheld=hidden,
        outputs=() if hidden else tuple(_outputs(own, groups, config, now)),
        issues=tuple(_issues(group, config, store)),
    )


def _keys(entry: Entry, known: Sequence[Known]) -> Iterator[Key]:
    own = next(one.keys for one in known if one.id == entry.id)
    for name in ALL:
        others = sum(one.keys.get(name) == own[name] for one in known) - 1 if name in own else 0
        yield Key(name, name in own, others)


def _changes(entry: Entry, store: Store) -> Iterator[Change]:
    former = store.revisions(entry.id)
    states = [state for _, state in former] + [entry]
    for (at, before), after in zip(former, states[1:], strict=True):
        yield Change(at, kind(before, after), tuple(_diff(_said(before), _said(after))))


def _said(entry: Entry) -> list[str]:
    return f"{entry.title} {markup.text(entry.content or entry.summary)}".split()


def _diff(before: list[str], after: list[str]) -> Iterator[str]:
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = " ".join(before[i:j]), " ".join(after[k:m])
        changed = " ".join(filter(None, (gone and f"[-{gone}-]", come and f"{{+{come}+}}")))
        yield " ".join((*after[max(0, k - _AROUND) : k], changed, *after[m : m + _AROUND]))


def _outputs(own: Placed, groups: Sequence[Group], config: Config, now: datetime) -> Iterator[str]:
    yield paths.entry_page(own.entry)
    shown = [[one for one in g if not withheld(one, config, now, "public")] for g in groups]
    leads = {g[0].entry.id: {p.section for one in g for p in one.placements} for g in shown if g}
    mine = next(g for g in shown if own in g)
    sections = leads[mine[0].entry.id]
    for section in (s for s in config.sections if s.id in sections):
        month = month_of(local_day(told_at(mine[0].entry, section), config.site.zone))
        yield from (paths.section_page(section.id), paths.section_month(section.id, month))
    yield from (paths.act_page(paths.act_slug(act)) for act in own.entry.acts)
    labels = {act.label for act in own.entry.acts}
    yield from (paths.tag_page(tag_slug(tag)) for tag in own.entry.tags if tag not in labels)
    if own.entry.events or own.entry.deadline:
        yield paths.entry_calendar(own.entry)
    ordered = newest_first(Story(g[0].entry) for g in shown if g)
    offered = {one.id: [s for s in ordered if one.id in leads[s.lead.id]] for one in config.sections} | {"all": ordered}
    for name, told in offered.items():
        if any(s.lead.id == mine[0].entry.id for s in freshest(told, config.publish.feed_entries)):
            yield from (paths.feed(name, suffix) for suffix in FORMATS)


def _issues(group: Group, config: Config, store: Store) -> Iterator[str]:
    told = mates([group], [group[0].entry.id])
    for issue in store.issues():
        if carried := told.intersection(issue.entries):
            by = "" if len(told) == 1 else f", by {', '.join(sorted(carried))}"
            yield f"{issue.newsletter} n. {issue.number} ({issue.state}){by}"
    for newsletter in config.newsletters:
        if told.intersection(store.skipped(newsletter.id)):
            yield f"{newsletter.id}: an editor left it out"
        if told.intersection(store.owed_again(newsletter.id)):
            yield f"{newsletter.id}: put off, and owed to the next issue"
