"""Entry -> what a reader sees of it: its moment, headline, excerpt, files; alike on pages, in feeds and in mails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from markupsafe import Markup

from aggregator.model import Enclosure, Entry, Event, Story

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_REPEATABLE = 30  # characters of a headline: a shorter one may well be the subject of the first sentence
_BLOCK = re.compile(r"(?=<(?:/?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|tr|t[dh]|table|blockquote|pre)\b|[bh]r\b))")
_ALL_BUT_PATH = re.compile(r"^https?://[^/?#]*|[?#].*")
_ELLIPSIS = re.compile(r"[\s….]+$")


def moment(entry: Entry) -> datetime:
    """When it was published, as far as one can believe it: a date after the day we first saw it is no such date."""
    seen = max(filter(None, (entry.first_seen or entry.published, entry.publish_at)), default=_NEVER)
    return entry.published if entry.published and entry.published <= seen else seen


def newest_first(stories: Iterable[Story]) -> tuple[Story, ...]:
    """By the moment of their lead; those of one moment by its id."""
    by_id = sorted(stories, key=lambda s: s.lead.id)
    return tuple(sorted(by_id, key=lambda s: moment(s.lead), reverse=True))


def freshest(ordered: Sequence[Story], most: int) -> tuple[Story, ...]:
    """Of stories in their order, those that a feed of so many holds, in that order: an update of an old one is news to
    its readers, too."""
    if len(ordered) <= most:
        return tuple(ordered)
    fresh = sorted(ordered, key=lambda s: max(moment(s.lead), s.lead.revised or _NEVER), reverse=True)[:most]
    kept = {story.lead.id for story in fresh}
    return tuple(story for story in ordered if story.lead.id in kept)


def story_events(story: Story) -> tuple[Event, ...]:
    """Those of the first entry that has any: the others tell the same."""
    return next((entry.events for entry in story.entries if entry.events), ())


def story_deadline(story: Story) -> date | None:
    return next((entry.deadline for entry in story.entries if entry.deadline), None)


def plain(html: str) -> str:
    """Safe HTML as one line of text."""
    return Markup(_BLOCK.sub(" ", html)).striptags()  # noqa: S704 - only to take the marks off


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of a text, ending at a word and with an ellipsis where something was cut."""
    if len(text) <= limit:
        return text
    words = text[: limit - 1].rpartition(" ")[0] or text[: limit - 2]
    return f"{words.rstrip(' ,;:.-–—…')} …"


def headline(entry: Entry) -> str:
    """The title; of an entry without one the beginning of its text. Empty where there is neither."""
    return entry.title.strip() or cut(plain(entry.summary or entry.content), 120)


def excerpt(entry: Entry, limit: int = 220) -> str:
    """The beginning of its text, without the headline where the text repeats it."""
    text = plain(entry.summary or entry.content)
    start = _ELLIPSIS.sub("", headline(entry))
    rest = text.removeprefix(start)
    if rest and (rest == text or rest[0].isalnum() or len(start) < _REPEATABLE):
        return cut(text, limit)
    rest = rest.lstrip(" .:;–—-…")
    if len(rest) < _REPEATABLE:
        return ""  # the headline's own last words
    return cut(f"… {rest}" if rest[0].islower() else rest, limit)


def standfirst(entry: Entry) -> str:
    """The summary, HTML, where it says something that neither the headline says nor the content begins with."""
    if not entry.content or not entry.summary or plain(entry.summary) == headline(entry):
        return ""
    start = _ELLIPSIS.sub("", plain(entry.summary).removesuffix("[…]").removesuffix("[...]"))
    return "" if plain(entry.content).startswith(start) else entry.summary


def file_kind(enclosure: Enclosure) -> str:
    """`PDF`, `CSV`: what a reader calls the type of a file; empty where nothing short is known."""
    subtype = enclosure.type.partition(";")[0].rpartition("/")[2].strip().replace("plain", "txt")
    ending = (enclosure.path or _ALL_BUT_PATH.sub("", enclosure.url)).rpartition(".")[2]
    return next((name.upper() for name in (subtype, ending) if re.fullmatch(r"[A-Za-z0-9]{2,5}", name)), "")


def followable(url: str | None) -> str:
    """The address if a reader may be sent there (web or mail), else nothing: `javascript:` is stopped here."""
    return url if url and re.match(r"(?:https?://|mailto:)", url, re.IGNORECASE) else ""
