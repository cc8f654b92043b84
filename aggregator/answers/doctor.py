"""A feed, asked twice -> how it fares: what answers, its encoding, its dates, its identity; and the YAML for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import yaml

from aggregator import parse
from aggregator.answers.discover import Found
from aggregator.intake import oddities
from aggregator.intake.identify import identify
from aggregator.model import Entry, Feed, Fetched, Known, Problem, Request, Unchanged
from aggregator.ports import Network
from aggregator.settings import Source


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, and whether it is as it should be."""

    what: str
    words: str
    is_well: bool = True


@dataclass(frozen=True, slots=True)
class Diagnosis:
    url: str
    findings: tuple[Finding, ...]
    yaml: str = ""  # to be pasted under sources:


def diagnose(found: Found, others: Sequence[Found], network: Network, zone: ZoneInfo, now: datetime) -> Diagnosis:
    """`found` was just read; it is read again, once as a stranger would and once with its validators."""
    again = _again(found, network, zone)
    source = Source("s", url=found.url)
    told = identify(found.feed.entries, (), "auto", found.feed.home)
    identity, words = _identity(found.feed.entries, again, found.feed.home)
    findings = [
        Finding("address", _address(found), not found.answer.moved),
        Finding("document", _document(found, others)),
        Finding("encoding", "; ".join(found.feed.mended) or "as it says", not found.feed.mended),
        Finding("dates", *_dates(found.feed.entries)),
        Finding("identity", words, identity == "auto"),
        Finding("asked again", *_conditional(found, network)),
        *(Finding("odd", remark, False) for remark in oddities.of(found.feed.entries, told, now, source)),
    ]
    return Diagnosis(found.url, tuple(findings), _yaml(found, identity))


def _again(found: Found, network: Network, zone: ZoneInfo) -> Sequence[Entry]:
    answer = next(iter(network.fetch([Request(found.url, found.url)])))
    if not isinstance(answer, Fetched):
        return ()
    feed = parse.document(answer, zone)
    return feed.entries if isinstance(feed, Feed) else ()


def _address(found: Found) -> str:
    return f"it has moved for good to {found.answer.moved}; write that" if found.answer.moved else "it answers"


def _document(found: Found, others: Sequence[Found]) -> str:
    more = f"; there is also {', '.join(other.url for other in others)}" if others else ""
    how = {"strict": "well-formed XML", "loose": "read as well as may be", "jsonfeed": "JSON Feed"}[found.parser]
    return f"{found.feed.title or 'without a title'}, {len(found.feed.entries)} entries, {how}{more}"


def _dates(entries: Sequence[Entry]) -> tuple[str, bool]:
    counts = Counter(entry.date_quality for entry in entries)
    words = {
        "exact": "exact",
        "zone": "without a zone",
        "day": "without an hour",
        "refused": "that cannot be read",
        "missing": "missing",
    }
    told = ", ".join(f"{counts[quality]} {said}" for quality, said in words.items() if counts[quality])  # type: ignore[index]
    return told, not counts["refused"] and not counts["missing"]


def _identity(first: Sequence[Entry], second: Sequence[Entry], home: str) -> tuple[str, str]:
    """The `identity:` to write, and why. Read twice within seconds, a feed must be the same."""
    told = identify(first, (), "auto", home)
    known = [Known(o.id, o.keys, "", "", _NEVER, None, False, "", None, 0) for o in told]
    fresh = [one for one in identify(second, known, "auto", home) if one.known is None]
    guids = [{entry.guid for entry in some if entry.guid} for some in (first, second)]
    if guids[0] and second and not guids[0] & guids[1]:
        return (
            "title+date",
            "it makes up new ids at each visit; `identity: title+date` knows its entries by what they say",
        )
    if fresh:
        return "title+date", f"{len(fresh)} entries of the second visit look new, though nothing can have changed"
    if len(told) < len(first):
        return "auto", f"of {len(first)} entries {len(told)} can be told apart; the others repeat them"
    return "auto", "each entry is known again" + ("" if guids[0] else ", by link, title and date, as there are no ids")


_NEVER = datetime.min.replace(tzinfo=UTC)


def _conditional(found: Found, network: Network) -> tuple[str, bool]:
    validators = found.answer.validators
    if not (validators.etag or validators.last_modified):
        return "the server gives neither ETag nor Last-Modified: the whole document is sent each time", True
    bare = Request(found.url, found.url, validators)
    answer: Fetched | Unchanged | Problem = next(iter(network.fetch([bare])))
    if isinstance(answer, Unchanged):
        return "unchanged, said by the server or by the same bytes", True
    return "the server gives an ETag or Last-Modified, and does not heed them", False


def _yaml(found: Found, identity: str) -> str:
    table = {"url": found.url, "title": found.feed.title, "identity": "" if identity == "auto" else identity}
    return yaml.safe_dump([{key: told for key, told in table.items() if told}], allow_unicode=True, sort_keys=False)
