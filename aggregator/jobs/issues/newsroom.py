"""The ledger | the entries as they stand | the editor's note -> what one issue tells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.content import Content, Note, Update
from aggregator.errors import StoreError
from aggregator.i18n import local_day
from aggregator.jobs.issues.notes import Faults, note_to
from aggregator.jobs.publishing.attachments import attach
from aggregator.jobs.windows import timetable
from aggregator.merge import grouped, stories
from aggregator.merge.cluster import LOOKBACK, Group, mates
from aggregator.merge.owed import carrying, owed
from aggregator.merge.recall import has_cause, recalled, updates
from aggregator.merge.route import route
from aggregator.merge.select import visible
from aggregator.model import Issue, Story, Window
from aggregator.ports import Desk, Disk, Store
from aggregator.settings import Config, Newsletter

# Before the window of the last issue: a pull that was slow, an issue that let go of something. What was shown earlier
# had its issue, whatever rule moves it now.
_SLACK = timedelta(days=31)
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an issue tells; `entries` are those it carries, told by themselves or by another of their story; `faults`
    are the editor's, in words."""

    content: Content
    entries: tuple[str, ...]
    faults: Faults = ()


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All that a newsletter may tell at a moment."""

    newsletter: Newsletter
    config: Config
    store: Store
    now: datetime

    def due(self, window: Window, opens: datetime, number: int, desk: Desk) -> Prepared:
        """What an issue that closes with the window would tell. It takes as long as the window is wide, however many
        years the store holds."""
        since = owes_since(self.store, self.newsletter, opens)
        again = self.store.owed_again(self.newsletter.id)
        groups = self._groups(self._earliest(again, since))
        shown, carried = self._stories(groups), self._carried(groups)
        note, faults = note_to(self.newsletter, number, desk, groups, self.config)
        news = _without(owed(shown, self.newsletter, carried, since, window.closes, again), note)
        later = owed(shown, self.newsletter, carried, since, _FOREVER, again)
        content = self._around(news, later, shown, groups, window.due, note)
        return Prepared(content, _ids(content.news), faults)

    def of(self, issue: Issue, desk: Desk) -> Prepared:
        """What the issue tells, in the words of this moment; what was hidden or withdrawn since it was composed is not
        among it, unless another entry tells it still."""
        since = self._since(issue)
        groups = self._groups(self._earliest(issue.entries, since))
        note, faults = note_to(self.newsletter, issue.number, desk, groups, self.config)
        shown = self._stories(groups)
        news = _without(carrying(shown, mates(groups, issue.entries)), note)
        tellers = mates(groups, _ids(news))
        again = self.store.owed_again(self.newsletter.id)
        later = owed(shown, self.newsletter, self._carried(groups), since, _FOREVER, again)
        content = self._around(news, later, shown, groups, issue.due, note)
        return Prepared(content, tuple(id_ for id_ in issue.entries if id_ in tellers), faults)

    def faults(self, issue: Issue, desk: Desk) -> Faults:
        """What is wrong with its note."""
        with suppress(StoreError):  # it cannot be read: that is told below
            if not desk.note(self.newsletter.id, issue.number)[0]:
                return ()
        groups = self._groups(self._earliest(issue.entries, self._since(issue)))
        return note_to(self.newsletter, issue.number, desk, groups, self.config)[1]

    def _since(self, issue: Issue) -> datetime:
        return max(self.store.first_opens(self.newsletter.id) or issue.opens, issue.opens - _SLACK)

    def owed(
        self, groups: Sequence[Group], since: datetime, again: Collection[str], closes: datetime
    ) -> tuple[Story, ...]:
        """The stories an issue that closes then must carry."""
        return owed(self._stories(groups), self.newsletter, self._carried(groups), since, closes, again)

    def _around(
        self,
        news: Sequence[Story],
        later: Sequence[Story],
        shown: Sequence[Story],
        groups: Sequence[Group],
        due: datetime,
        note: Note,
    ) -> Content:
        """The news and what goes with it, of all that is `shown`. What a `later` issue owes is not told before."""
        left_out = self.store.skipped(self.newsletter.id) | note.skip | note.later
        untold = {*_ids(news), *_ids(later), *left_out}
        changed = tuple(update for update in self._updates(groups) if update.entry.id not in left_out)
        moved = {u.entry.id for u in changed if u.entry.deadline != u.former.deadline}
        zone = self.config.site.zone
        leaves = local_day(max(due, self.now), zone)  # late, it recalls no day that is over
        near = recalled(shown, self.newsletter, untold, moved, leaves, zone)
        return Content(tuple(news), near, changed, note)

    def _updates(self, groups: Sequence[Group]) -> tuple[Update, ...]:
        told = self.store.changed_since_told(self.newsletter.id)
        placed = {e.id: route(e, self.config) for e in self.store.entries(ids=[one.entry_id for one in told])}
        former = {}
        for one in told:
            states = (state for _, state in self.store.revisions(one.entry_id) if state.revision == one.revision)
            former[one.entry_id] = next(states, placed[one.entry_id].entry)
        return updates(told, placed, former, self._survivors(groups, placed), self.newsletter, self.config, self.now)

    def _survivors(self, groups: Iterable[Group], ids: Collection[str]) -> frozenset[str]:
        """Those of the entries whose story somebody else tells still."""
        return frozenset(
            one.entry.id
            for group in groups
            for one in group
            if one.entry.id in ids
            and any(other is not one and visible(other, self.config, self.now, self.newsletter.area) for other in group)
        )

    def _groups(self, since: datetime) -> tuple[Group, ...]:
        return grouped(self.store.entries(since=since - LOOKBACK), self.config)

    def _carried(self, groups: Sequence[Group]) -> frozenset[str]:
        """What its issues carried, and whatever tells the same."""
        ids = (one.entry.id for group in groups for one in group)
        return mates(groups, self.store.carried(self.newsletter.id, ids))

    def _stories(self, groups: Sequence[Group]) -> tuple[Story, ...]:
        return stories(groups, self.config, self.now, self.newsletter.area)

    def _earliest(self, ids: Collection[str], since: datetime) -> datetime:
        found = self.store.entries(ids=ids) if ids else ()
        return min([since, *(moment for e in found for moment in (e.shown, e.first_seen) if moment)])


def owes_since(store: Store, newsletter: Newsletter, opens: datetime) -> datetime:
    """A month before the window of the last issue, or of the oldest that waits; never before its first `opens`."""
    past = store.issues(newsletter.id)
    opened = [issue.opens for issue in past if issue.waits or issue is past[-1]]
    return max(opens, min(opened) - _SLACK) if opened else opens


def is_worth_sending(content: Content, newsletter: Newsletter, closes: datetime, due: datetime, config: Config) -> bool:
    """Whether there is an issue of it, or an edition: where there is a cause, or the newsletter wants empty ones."""
    if newsletter.empty == "send":
        return True
    following = timetable(newsletter, config).open(closes).due
    return has_cause(content, *(local_day(moment, config.site.zone) for moment in (due, following)))


def with_files(content: Content, config: Config, disk: Disk) -> Content:
    """The same with addresses and sizes of the files that announcements bring."""
    news = attach(content.news, config.site, disk).stories
    return replace(content, news=news, recalled=attach(content.recalled, config.site, disk).stories)


def _without(told: Iterable[Story], note: Note) -> tuple[Story, ...]:
    left_out = note.skip | note.later
    return tuple(story for story in told if not any(entry.id in left_out for entry in story.entries))


def _ids(told: Iterable[Story]) -> tuple[str, ...]:
    return tuple(entry.id for story in told for entry in story.entries)
