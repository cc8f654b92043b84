"""An entry as it was and as it is -> what kind of change that is, and whether readers are told of it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from rapidfuzz.distance import Levenshtein

from aggregator import markup, urls, words
from aggregator.folding import fold
from aggregator.model import Changes, Entry

Kind = Literal["cosmetic", "text", "date", "attachment"]

_SLIGHT = 0.05  # of the letters
_MOST = 5  # updates of one entry, each within a week of the one before: a page that changes at every visit
_WEEK = timedelta(days=7)

_NUMBER = re.compile(r"\d+")
_HREF = re.compile(r'href="([^"]*)"')
_WORDS = re.compile(r"[^\W_]+")


def kind(former: Entry, later: Entry) -> Kind:
    """`cosmetic`: spacing, case, tracking, tags, or a few letters that touch no number, date, link, file or negation.
    "Revocato" and "prorogato" are negations here."""
    if _files(former) != _files(later):
        return "attachment"
    if (former.deadline, former.events) != (later.deadline, later.events):
        return "date"
    return "cosmetic" if _is_slight(former, later) else "text"


def judged(changes: Changes, former: Mapping[str, Entry]) -> Changes:
    """The changes, with `revised` moved for real updates alone; `former` are the changed entries as they are stored."""
    changed = tuple(_judged(former[e.id], e) if e.id in former else e for e in changes.changed)
    restless = sum(e.restless == changes.at for e in changed)
    if not restless:
        return replace(changes, changed=changed)
    said = f"{restless} of its entries change again and again: that is not told as an update any more"
    return replace(changes, changed=changed, check=replace(changes.check, remarks=(*changes.check.remarks, said)))


def _judged(former: Entry, later: Entry) -> Entry:
    told_by_editor = later.change and later.change != former.change
    if kind(former, later) == "cosmetic" and not told_by_editor:
        return replace(later, revised=former.revised, updates=former.updates, restless=former.restless)
    last, now = former.restless or former.revised, later.revised
    again = last is not None and now is not None and now - last < _WEEK
    if again and former.updates >= _MOST and not told_by_editor:
        return replace(later, revised=former.revised, updates=former.updates, restless=now)
    return replace(later, updates=former.updates + 1 if again else 1)


def _is_slight(former: Entry, later: Entry) -> bool:
    before, after = _text(former), _text(later)
    if _touched(former, before) != _touched(later, after):
        return False
    mine, theirs = ("".join(_WORDS.findall(text)) for text in (before, after))
    return mine == theirs or Levenshtein.normalized_distance(mine, theirs, score_cutoff=_SLIGHT) < _SLIGHT


def _text(entry: Entry) -> str:
    body = entry.content or entry.summary
    return fold(f"{entry.title} {markup.text(body)}")


def _touched(entry: Entry, text: str) -> tuple[object, ...]:
    """What a slight change leaves as it is."""
    links = {urls.key(link) for link in _HREF.findall(entry.content or entry.summary)}
    own = (urls.key(entry.url or ""), tuple(urls.key(link.url) for link in entry.links))
    return Counter(_NUMBER.findall(text)), Counter(words.turns(text)), links, own


def _files(entry: Entry) -> frozenset[tuple[str, int | None]]:
    return frozenset((urls.key(file.url) if file.url else file.path, file.length) for file in entry.enclosures)
