"""What changed since the last publish -> the catalogue as it should be, and the parts of the output it touches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from aggregator.cards import Place
from aggregator.jobs.publishing.stock import Stock, kept_acts
from aggregator.merge import stories
from aggregator.merge.cluster import card_of
from aggregator.merge.gone import gone, next_turn
from aggregator.merge.regroup import Regrouping
from aggregator.merge.route import Placed
from aggregator.merge.traits import Traits
from aggregator.model import Entry, Story
from aggregator.render import parts
from aggregator.render.press import Press
from aggregator.render.shelving import month_of, places, reserved_places
from aggregator.render.site.search import said
from aggregator.render.view import moment
from aggregator.stems import stems

_AT_ONCE = 500


def signature(*values: object) -> str:
    """Another one, if any of these is another."""
    return blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Derivation:
    """`gone` are those of the parts owed that hold nothing any more: what is withdrawn should be gone soonest.

    Where everything is derived `anew`, what is derived is kept bit by bit: a run that is killed begins again anyway.
    """

    stock: Stock
    press: Press
    anew: bool = False
    gone: set[str] = field(default_factory=set)

    def take(self, ids: Collection[str], leads: Iterable[str] = ()) -> None:
        """Look at these entries again, and at the groups of these leads; owe what shows them."""
        touched = self._regroup(ids)
        touched.update(leads)
        self._shelve(touched)
        self._owe_moved()

    # --- who tells the same ---

    def _regroup(self, ids: Collection[str]) -> set[str]:
        """The leads of the groups that these entries stand in, stood in, or moved."""
        groups = self.stock.catalogue.groups
        regrouping = Regrouping(groups, self.stock.traits)
        looked_at: set[str] = set()
        for some in _chunks(list(dict.fromkeys(ids))):
            found = self.stock.placed(some)
            signs = self.stock.catalogue.signs(some)
            for id_ in filter(found.__contains__, some):
                looked_at.update(self._look_at(found[id_], signs.get(id_, ("", "")), regrouping))
            # The store gives them in the order in which they were shown: what is before the last is complete.
            regrouping.settle(before=max((card_of(one).moment for one in found.values()), default=None))
            self._keep()
        regrouping.settle()
        return regrouping.moved.union(*(groups.leads(some) for some in _chunks(sorted(looked_at))))

    def _look_at(self, one: Placed, known: tuple[str, str], regrouping: Regrouping) -> Iterator[str]:
        """The entry itself, and those whose id in feeds it may take or give back."""
        entry, catalogue = one.entry, self.stock.catalogue
        sign, guid = _sign(one, self.stock.traits([entry.id])[entry.id]), entry.guid or ""
        if sign != known[0]:
            regrouping.look_at(card_of(one))
        if guid != known[1]:
            yield from catalogue.with_guid(known[1]) if known[1] else ()
        catalogue.mark(entry.id, sign, guid, next_turn(one, self.stock.config, self.stock.now), kept_acts(entry))
        if guid != known[1] and guid:
            yield from catalogue.with_guid(guid)
        yield entry.id

    def _keep(self) -> None:
        if self.anew:
            self.stock.catalogue.commit()

    # --- where it stands ---

    def _shelve(self, leads: Collection[str]) -> None:
        catalogue = self.stock.catalogue
        for some in _chunks(sorted(leads)):
            self.stock.prefetch(some)
            members = catalogue.groups.members(some)
            telling = self._issues_telling({id_ for ids in members.values() for id_ in ids})
            for lead in (*members, *(lead for lead in some if lead not in members)):
                group = self.stock.group(lead)
                story = next(iter(self.stock.told(lead)), None)
                went = gone(group, self.stock.config, self.stock.now)
                issues = dict.fromkeys(name for one in group for name in telling.get(one.entry.id, ()))
                standing = places(story, went, self.stock.config, self.press.titles, issues)
                catalogue.shelves.place(lead, (*standing, *self._reserved(group)))
                catalogue.tell(lead, self.stock.line(story, self.press.titles) if story else "")
                if self.stock.config.web != "none":
                    self._say(lead, story)
                catalogue.attach(lead, self._files(group))
                shown = {entry.id for entry in (story.entries if story else ())}
                self._owe_entries([one.entry for one in group], shown)
            self._keep()

    def _reserved(self, group: Sequence[Placed]) -> Iterator[Place]:
        """Where it stands for readers of the reserved feeds. A group is all of one area."""
        if not group or group[0].area == "public" or self.stock.config.web == "none":
            return iter(())
        told = stories([tuple(group)], self.stock.config, self.stock.now, "reserved")
        went = gone(group, self.stock.config, self.stock.now, "reserved")
        return reserved_places(next(iter(told), None), went, self.stock.config)

    def _issues_telling(self, ids: Collection[str]) -> Mapping[str, list[str]]:
        """{entry: the shelves of the issues that tell it, of those anybody may read}"""
        public = {(issue.newsletter, issue.number) for issues in self.press.issues.values() for issue in issues}
        if not public:
            return {}
        found = self.stock.store.issues_telling(ids).items()
        return {
            id_: [f"issue:{name}/{number}" for name, number in told if (name, number) in public] for id_, told in found
        }

    def _say(self, lead: str, story: Story | None) -> None:
        """What the web side's search finds it by."""
        told = said(story, self.press.titles) if story else ()
        stems_of = (" ".join(stems(text, self.stock.config.site.language)) for text in told)
        self.stock.catalogue.words.say(lead, moment(story.lead) if story else self.stock.now, tuple(stems_of))

    def _owe_entries(self, entries: Sequence[Entry], shown: Collection[str]) -> None:
        self.stock.catalogue.owe(parts.entry_part(entry.id) for entry in entries)
        self.gone.update(parts.entry_part(entry.id) for entry in entries if entry.id not in shown)

    def _files(self, group: Sequence[Placed]) -> Iterator[tuple[str, str, str]]:
        attached = [path for one in group for enclosure in one.entry.enclosures if (path := enclosure.path)]
        if attached:
            faults = [failure.error for failure in self.stock.faults(group)]
            for path in dict.fromkeys(attached):
                yield path, self.stock.disk.attachment_mark(path), next((f for f in faults if f": {path} " in f), "")

    def _owe_moved(self) -> None:
        press, catalogue = self.press, self.stock.catalogue
        most = press.config.publish.feed_entries
        # Month by month: what is rendered together is read together.
        for move in sorted(catalogue.shelves.moves(), key=lambda move: (move.month, move.shelf)):
            if move.month:
                catalogue.owe(parts.touched(press, move.shelf, move.month))
                if _crosses(move.before, move.after, 0) or _crosses(move.before, move.after, most):
                    catalogue.owe(parts.neighbours(press, move.shelf, move.month))
            elif _crosses(move.before, move.after, parts.LONG) or move.renamed:
                catalogue.owe(parts.lengthened(press, move.shelf))

    # --- what the hour alone changes ---

    def turn(self, last: datetime | None) -> None:
        """Since then: what is as of a day goes on to the present one; months that are over go into the archives."""
        before, today = self.press.day(last) if last else None, self.press.day(self.press.now)
        if before != today:
            self.stock.catalogue.owe(parts.by_the_day(self.press))
        if before and month_of(before) != month_of(today):
            self.stock.catalogue.owe(parts.turned(self.press, month_of(before)))


def _sign(one: Placed, mine: Traits) -> str:
    """Another one, if grouping would see anything else in the entry."""
    said = (mine.page, mine.act, mine.town, mine.heading, mine.text, sorted(mine.numbers), sorted(mine.title_numbers))
    return signature(card_of(one), said)


def _crosses(before: int, after: int, line: int) -> bool:
    return (before > line) != (after > line)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
