"""What a document says of itself, word for word -> Feed: the one reading of it, whoever took it apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator import dates, markup, urls
from aggregator.model import Enclosure, Entry, Event, Feed, Fetched

# feedparser resolves guids against the document's address whatever one asks. A constant address keeps a guid the same
# when the document moves; what was relative is recognised by it and resolved here. Its folders tell `/a` from `a`, and
# its scheme, which nobody uses any more, `//a` from either.
_SCHEME = "wais:"
_ROOT = f"{_SCHEME}//relative.invalid"
NOWHERE = f"{_ROOT}/1/2/3/"
# AlboPOP writes an act's own number, its dates and its offices as categories; only its type is a tag.
_ALBOPOP = re.compile(r"albopop\.it/specs#item-category-(?!type)", re.I)


class Words(NamedTuple):
    """A text and what it is declared to be: `text/plain`, `text/html` or `application/xhtml+xml`."""

    value: str
    type: str = ""
    language: str = ""
    base: str = ""  # xml:base, where there is one


class Tag(NamedTuple):
    """A category as written: `<category domain="scheme">term</category>`, `<category term= scheme= label=/>`."""

    term: str = ""
    scheme: str = ""
    label: str = ""


class File(NamedTuple):
    """An enclosure's attributes, as written."""

    url: str
    type: str = ""
    length: str = ""
    title: str = ""


@dataclass(slots=True)
class Told:
    """One entry. Addresses are joined to xml:base, and to NOWHERE where there is none. None: not said at all."""

    id: str = ""
    link: str | None = None
    title: Words | None = None
    summary: Words | None = None
    contents: list[Words] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    media: list[File] = field(default_factory=list)  # files of Media RSS
    published: str = ""
    updated: str = ""
    rights: str = ""
    starts: str = ""  # ev:startdate
    ends: str = ""
    place: str = ""
    language: str = ""  # dc:language
    origin: str = ""  # title of the feed it was taken from


@dataclass(slots=True)
class Head:
    """The document itself. `declares`: its format says of a title whether it is HTML (Atom does, RSS does not)."""

    declares: bool = False
    id: str = ""
    link: str | None = None
    title: Words | None = None
    subtitle: Words | None = None
    language: str = ""
    published: str = ""
    updated: str = ""


def _origin(told: Told, head: Head) -> str:
    """Where an aggregator took it from (RSS `source`, Atom `source`); not this feed itself."""
    origin = markup.title(told.origin, is_html=False) if told.origin else ""
    return origin if origin and origin != _title(head.title, head.declares) else ""


_Reading = tuple[str, dates.Moment]  # what was written, and what it means


def feed(head: Head, entries: Iterable[Told], fetched: Fetched, zone: ZoneInfo) -> Feed:
    """The feed; dates without a zone are read in `zone`."""
    return Feed(
        id=_raw(head.id),
        title=_title(head.title, head.declares),
        home=_address(head.link, fetched.url),
        self_url=fetched.url,
        language=head.language,
        description=_title(head.subtitle, head.declares),
        updated=_date(head.updated, zone) or _date(head.published, zone),
        entries=tuple(_entry(told, head, fetched, zone) for told in entries),
    )


def _entry(told: Told, head: Head, fetched: Fetched, zone: ZoneInfo) -> Entry:
    published, updated = told.published.strip(), told.updated.strip()
    first = (published, dates.parse(published, zone))
    readings = [first, (updated, dates.parse(updated, zone)) if updated != published else first]
    raw, moment = _best(readings)
    summary = _html(told.summary)
    content = "\n".join(filter(None, map(_html, told.contents)))
    of_a_scheme = [tag for tag in told.tags if tag.scheme]
    return Entry(
        source_id=fetched.source_id,
        guid=_raw(told.id) or None,
        url=_address(told.link, fetched.url) or None,
        title=_title(told.title, head.declares),
        summary=summary,
        content=content if content != summary else "",
        authors=tuple(dict.fromkeys(filter(None, told.authors))),
        tags=_tags(told.tags),
        language=told.language or (told.title.language if told.title else "") or head.language,
        published=moment.value,
        published_raw=raw,
        date_quality=moment.quality,
        updated=readings[1][1].value,
        enclosures=tuple(_enclosures(told, head.declares, fetched.url)),
        events=_events(told, zone),
        deadline=_end_of_posting(of_a_scheme),
        licence=told.rights,
        origin=_origin(told, head),
        type=_act(of_a_scheme),
    )


def _best(readings: Sequence[_Reading]) -> _Reading:
    """The date of publication, or the one of the last change where the former is missing or no date."""
    dated = [reading for reading in readings if reading[1].value]
    return (dated or [reading for reading in readings if reading[0]] or readings)[0]


# A web address as nearly all are: resolving changes nothing in it, and nothing in it needs a second look.
SOUND = re.compile(r"https?://[A-Za-z0-9.-]+(?:/[^\s\x7f;?#]*)?(?:\?[^\s\x7f#]+)?(?:#[^\s\x7f]+)?")


def _raw(text: str) -> str:
    text = text.strip()
    return text.removeprefix(next((start for start in (NOWHERE, _ROOT, _SCHEME) if text.startswith(start)), ""))


def _address(text: str | None, base: str) -> str:
    """A web address, resolved; empty where the document gives something else (javascript:, a mail address)."""
    if not text or SOUND.fullmatch(text):
        return text or ""
    address = urls.resolve(base, _raw(text))
    return address if urls.is_web(address) else ""


def _title(words: Words | None, declares: bool) -> str:
    """Only Atom declares what a title is; elsewhere markup is meant, or was pasted in."""
    return markup.title(words.value, is_html=not (declares and words.type == "text/plain")) if words else ""


def _html(words: Words | None) -> str:
    if words is None:
        return ""
    if words.type == "text/plain":
        return escape(words.value, quote=False)
    if "html" not in words.type:
        return ""
    return _rebased(words.value, words.base) if words.base.startswith("http") else words.value


_ADDRESS = re.compile(r"""(\b(?:href|src)\s*=\s*)(["'])([^"'<>]*)\2""", re.I)


def _rebased(html: str, base: str) -> str:
    """HTML with its relative addresses joined to an xml:base (RFC 4287, 2), which nobody knows of later on. Those with
    numbers for letters, and leaps within the page, stay."""

    def joined(found: re.Match[str]) -> str:
        address = found[3] if "#" in found[3] else urls.resolve(base, found[3])
        return f"{found[1]}{found[2]}{address}{found[2]}"

    return _ADDRESS.sub(joined, html)


def _date(raw: str, zone: ZoneInfo) -> datetime | None:
    return dates.parse(raw.strip(), zone).value


def _tags(tags: Sequence[Tag]) -> tuple[str, ...]:
    terms = [(t.term or t.label).strip() for t in tags if not (t.scheme and _ALBOPOP.search(t.scheme))]
    return tuple(dict.fromkeys(filter(None, terms)))


def _act(tags: Sequence[Tag]) -> str:
    """What kind of act a notice board says it is (AlboPOP)."""
    return next((tag.term.strip() for tag in tags if tag.scheme.endswith("#item-category-type")), "")


def media(url: str, type_: str, medium: str, length: str) -> Iterator[File]:
    """A `media:content` (Media RSS) is a file of its entry, unless it is a picture, which is there to look at, or for a
    player that is no more."""
    if url and medium != "image" and not _LOOKED_AT.match(type_) and not (_PICTURE.search(url) and not type_):
        yield File(url, type_, length)


_LOOKED_AT = re.compile("image/|application/x-shockwave-flash", re.I)
_PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)(?:[?#]|$)", re.I)


def _end_of_posting(tags: Sequence[Tag]) -> date | None:
    """Until when a notice board shows an act (AlboPOP): as long it may be objected to."""
    ends = (dates.day(tag.term) for tag in tags if tag.scheme.endswith("#item-category-pubEnd"))
    return next(filter(None, ends), None)


def _enclosures(told: Told, declares: bool, base: str) -> Iterator[Enclosure]:
    """feedparser takes an Atom link without a type for a page: of an enclosure nothing is known then."""
    addresses = set()
    for file in told.files:
        if url := _address(file.url, base):
            addresses.add(url)
            kind = "" if declares and file.type == "text/html" else file.type
            yield Enclosure(url, kind, _size(file.length), file.title)
    for file in told.media:
        if (url := _address(file.url, base)) and url not in addresses:
            addresses.add(url)
            yield Enclosure(url, file.type, _size(file.length))


TOO_LARGE = 10**15  # bytes of a file; nobody has one


def _size(written: str) -> int | None:
    length = written.strip()
    return int(length) if length.isascii() and length.isdigit() and len(length) < len(str(TOO_LARGE)) else None


def _events(told: Told, zone: ZoneInfo) -> tuple[Event, ...]:
    """The RSS event module (purl.org/rss/1.0/modules/event): one event an entry."""
    if not told.starts:
        return ()
    start = dates.parse(told.starts, zone)
    if start.value is None:
        return ()
    end = dates.parse(told.ends, zone).value
    place = markup.title(told.place, is_html=False)
    return (Event(start.value, end, place, all_day=start.quality == "day"),)
