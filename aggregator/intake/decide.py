"""Feed + what is known + the time -> Changes. Deciding twice finds nothing new."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from aggregator import markup, urls, words
from aggregator.intake import checks, quarantine
from aggregator.intake.clean import safe_fields
from aggregator.intake.deadlines import deadline
from aggregator.intake.identify import Identified, identify
from aggregator.intake.keys import guid_key
from aggregator.intake.policy import Policy, kept_until
from aggregator.model import (
    Changes,
    Check,
    Enclosure,
    Entry,
    Event,
    Feed,
    Fetched,
    Known,
    Link,
    Window,
)
from aggregator.reasons import FORGOTTEN, hidden_at
from aggregator.settings import Source
from aggregator.slugs import slug

# What an entry says of itself. `updated` is not among it: many servers write the time of the request there.
_DAY = timedelta(days=1, microseconds=-1)  # from its first moment to its last
_TOLD = (
    "title url authors tags published_raw enclosures links events deadline origin type section area licence pin "
    "publish_at expires change"
).split()


def decide(
    feed: Feed,
    known: Sequence[Known],
    check: Check,
    policy: Policy,
    now: datetime,
    *,
    answer: Fetched | None = None,
    unread: Collection[str] = (),
) -> Changes:
    """What is new, changed, the same, back or gone in a document of this source; `answer` is how it came.

    The announcements folder is a complete list, and the names of its files are names for good: what is missing was
    deleted, but for the guids in `unread`, which are there and could not be read. Any other source forgets old
    entries; nothing is concluded from that.
    """
    complete = policy.source.kind == "announcements"
    entries = [e for e in feed.entries if _says_something(e)]
    told = identify(entries, known, "guid" if complete else policy.source.identity, feed.home)
    set_aside = not complete and (check.quarantined is not None or quarantine.is_mass_change(told, known))
    new = _entered(told, known, feed, check, policy, now, set_aside=set_aside)
    kept = {entry.id for entry in new}
    told = tuple(one for one in told if one.known or one.id in kept)
    met = [(one, _revise(one, feed, policy, now)) for one in told if one.known]
    present = {one.id for one in told}
    return Changes(
        source_id=policy.source.id,
        at=now,
        check=checks.succeeded(check, feed, entries, told, policy, now, answer, brought=bool(new), held=set_aside),
        new=new,
        changed=tuple(entry for _, entry in met if entry),
        same=tuple(one.id for one, entry in met if not entry),
        reappeared=tuple(one.id for one, _ in met if _is_back(one, check, complete)),
        withdrawn=tuple(_gone(known, present, {guid_key(guid) for guid in unread})) if complete else (),
        keys={one.id: one.keys for one in told if one.known is None or one.keys != one.known.keys},
    )


def fingerprint(entry: Entry) -> str:
    """Hash of what an entry says, as its source wrote it; addresses without session and tracking parameters.

    Empty fields leave no trace, those of its enclosures and events neither, so that a new field changes no hash.
    """
    lengths = [len(entry.summary), len(entry.content)]  # written as they are: to escape them would take longest
    told = f"{_sorted_json([_without_noise(entry, _TOLD), lengths])}{entry.summary}{entry.content}"
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


_sorted_json = json.JSONEncoder(sort_keys=True, default=str).encode


def _without_noise(noun: Any, names: Iterable[str]) -> dict[str, Any]:
    told = {}
    for name in names:
        if value := getattr(noun, name):
            told[name] = urls.key(value) if name == "url" else _plain(value)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [one if isinstance(one, str) else _plain(one) for one in value]
    return _without_noise(value, value.__slots__) if isinstance(value, _PARTS) else value


_PARTS = (Enclosure, Link, Event)


# --- one entry ---


def _says_something(entry: Entry) -> bool:
    """`<item/>` is in some documents, and news to nobody."""
    return any((entry.title, entry.url, entry.summary, entry.content, entry.enclosures, entry.guid))


def _entered(
    told: Iterable[Identified],
    known: Sequence[Known],
    feed: Feed,
    check: Check,
    policy: Policy,
    now: datetime,
    *,
    set_aside: bool,
) -> tuple[Entry, ...]:
    first = check.first_pull is None
    new = [(_enter(one, feed, policy, first, now), one.keys) for one in told if one.known is None]
    return tuple(quarantine.held(new, known)) if set_aside else tuple(entry for entry, _ in new)


def _enter(one: Identified, feed: Feed, policy: Policy, first: bool, now: datetime) -> Entry:
    """A new entry with the facts it keeps from now on."""
    entry, told = one.entry, _told(one.entry, feed, policy.source, now)
    embargoed = entry.publish_at is not None and entry.publish_at > now  # never shown, so it is no archive
    archive = first and not embargoed and not _in_open_window(entry, policy.windows)
    entered = replace(
        entry,
        **told,
        id=one.id,
        slug=f"{slug(told['title'])}-{one.id[:8]}",
        first_seen=now,
        shown=None if archive else max(now, entry.publish_at or now),
        archive=archive,
        fingerprint=fingerprint(entry),
    )
    why = left_out(entered, policy.source)
    return replace(entered, left_out=why) if why else entered


def _revise(one: Identified, feed: Feed, policy: Policy, now: datetime) -> Entry | None:
    """The entry in its new words with its old facts, or None where nothing changed.

    What was left out and now matches comes in as news; what is in stays in.
    """
    old = one.known
    assert old is not None
    mark = fingerprint(one.entry)
    if mark == old.fingerprint or old.left_out == FORGOTTEN:
        return None
    entry = replace(one.entry, **_told(one.entry, feed, policy.source, old.first_seen, old.expires))
    out = old.left_out and _still_out(old, entry, policy.source)
    return replace(
        entry,
        id=old.id,
        guid=old.guid,  # readers know it by this one, whatever its source calls it now
        slug=old.slug,
        first_seen=old.first_seen,
        shown=_shown_again(old, entry, bool(old.left_out) and not out, now),
        archive=old.archive,
        left_out=out,
        revised=now,
        revision=old.revision + 1,
        fingerprint=mark,
    )


def _still_out(old: Known, entry: Entry, source: Source) -> str:
    """What the admin has to answer for, or has answered, is no matter of words."""
    if quarantine.is_held(old.left_out) or old.left_out == quarantine.REJECTED or hidden_at(old.left_out):
        return old.left_out
    return left_out(entry, source)


def _shown_again(old: Known, entry: Entry, let_in: bool, now: datetime) -> datetime | None:
    """When it is shown: as before, unless it is let in now, or its hour (publish_at) is set anew."""
    if old.archive:
        return None
    if let_in:
        return max(now, entry.publish_at or now)
    if old.shown and old.shown > now:
        return max(old.first_seen, entry.publish_at or now)
    return max(filter(None, (old.shown, entry.publish_at)), default=None)


def _told(entry: Entry, feed: Feed, source: Source, seen: datetime, promised: datetime | None = None) -> dict[str, Any]:
    """What it says, safe, and what only its source can say of it, kept as facts for the day the source is taken out.
    `promised`: until when it was to be kept so far; that `keep_days` became less may be taken back for a week."""
    told = safe_fields(entry, feed.self_url)
    posted = entry.posted(seen)
    html = told["content"] or told["summary"]
    found = None if entry.deadline else deadline(told["title"], html, posted.astimezone(source.zone).date())
    until = max(filter(None, (kept_until(posted, source.keep_days, seen), promised)), default=None)
    return told | {
        "title": told["title"] or markup.excerpt(told["summary"] or html, 120),  # of an answer, its question
        "language": told["language"] or source.language,
        "licence": source.licence or told["licence"],
        "area": "reserved" if "reserved" in (entry.area, source.area) else "public",
        "deadline": entry.deadline or found,
        "deadline_found": found is not None,
        "expires": min(filter(None, (entry.expires, until if source.keep_days else None)), default=None),
    }


def left_out(entry: Entry, source: Source) -> str:
    """Why the source's words keep this entry out; empty where they let it in."""
    if not source.include and not source.exclude:
        return ""
    texts = (entry.title, markup.text(entry.summary), markup.text(entry.content), *entry.tags)
    if source.exclude and (word := words.matcher(source.exclude).matches(*texts)):
        return f"exclude: {word}"
    if source.include and words.matcher(source.include).matches(*texts) is None:
        return "include: none of the words"
    return ""


def by_words(entry: Entry, source: Source | None) -> Entry:
    """The same, once nobody keeps it out any more: the source's words still may."""
    why = "" if entry.left_out or source is None else left_out(entry, source)
    return replace(entry, left_out=why) if why else entry


def _in_open_window(entry: Entry, windows: Iterable[Window]) -> bool:
    """Whether it is dated inside one; a date without an hour may be any moment of its day."""
    if entry.published is None:
        return False
    last = entry.published + (_DAY if entry.date_quality == "day" else timedelta())
    return any(w.opens <= last and entry.published < w.closes for w in windows)


def _is_back(one: Identified, check: Check, complete: bool) -> bool:
    gone = one.known is not None and one.known.withdrawn is not None
    return gone if complete else one.id not in check.present


def _gone(known: Iterable[Known], present: Collection[str], unread: Collection[str]) -> Iterable[str]:
    return (k.id for k in known if k.id not in present and k.withdrawn is None and k.keys.get("guid") not in unread)
