"""A web page without a feed, and selectors -> Feed, by selectolax; the only place that knows it. Pure.

A selector is CSS, with `@name` behind it for an attribute: `h3 a@href`. Without one it means the text of the element,
of a link its address, and of the summary its markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator import dates, markup, urls
from aggregator.errors import ParseError
from aggregator.model import Entry, Event, Feed, Fetched
from aggregator.parse import encoding
from aggregator.scalars import selector_parts
from aggregator.settings import Select

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})""", re.I)
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T[\d:.+Z-]+)?"
    r"|\d{1,2}(?:°|º)?[ /.-]+(?:[^\W\d]{3,10}|\d{1,2})\.?[ /.-]+\d{2,4}(?:,? +(?:(?:alle )?ore )?\d{1,2}[:.]\d{2})?"
)
# Of several days the first is often written without its month, or without its year.
_SPAN = re.compile(
    r"(\d{1,2})(?:\s+([^\W\d]{3,10}))?\s*(?:al|all['’]|[-–—])\s*(\d{1,2})\s+([^\W\d]{3,10})\s+(\d{4})", re.IGNORECASE
)


def parse(pages: Sequence[Fetched], select: Select, zone: ZoneInfo) -> Feed:
    """What all the pages of one source list, the first page's title and language with it; ParseError names the
    selector that finds nothing on the first page."""
    first = _tree(pages[0])
    entries = [_entries(page, _tree(page), select, zone) for page in pages]
    _refuse_nothing(entries[0], select)
    title = first.css_first("title")
    root = first.css_first("html")
    return Feed(
        id=pages[0].url,
        title=markup.title(title.text(), is_html=False) if title else "",
        home=pages[0].url,
        self_url=pages[0].url,
        language=(root.attributes.get("lang") or "") if root else "",
        entries=tuple(entry for told in entries for entry in told if entry.title and entry.url),
    )


def next_address(page: Fetched, select: Select) -> str:
    """The page that goes on with this one, on the same host; empty where there is none."""
    if not select.next:
        return ""
    tree = _tree(page)
    told = _value(tree.root, select.next, "href") if tree.root else ""
    address = urls.resolve(_base(page, tree, select), told) if told else ""
    return address if urls.is_web(address) and urls.host(address) == urls.host(page.url) else ""


def _tree(page: Fetched) -> LexborHTMLParser:
    declared = _CHARSET.search(page.body[:4096])
    charset = page.charset or (declared[1].decode("ascii", "replace") if declared else "")
    return LexborHTMLParser(encoding.decode(page.body, charset))


def _base(page: Fetched, tree: LexborHTMLParser, select: Select) -> str:
    written = tree.css_first("base[href]")
    return select.base or urls.resolve(page.url, (written.attributes.get("href") or "") if written else "") or page.url


def _entries(page: Fetched, tree: LexborHTMLParser, select: Select, zone: ZoneInfo) -> list[Entry]:
    base = _base(page, tree, select)
    return [_entry(page.source_id, node, select, base, zone) for node in tree.css(select.entry)]


def _entry(source_id: str, node: LexborNode, select: Select, base: str, zone: ZoneInfo) -> Entry:
    link = urls.resolve(base, _value(node, select.link, "href"))
    raw = _value(node, select.date) if select.date else ""
    moment = _moment(raw, select.date_format, zone)
    return Entry(
        source_id=source_id,
        url=link if urls.is_web(link) else None,
        title=markup.title(_value(node, select.title), is_html=False),
        summary=_html(node, select.summary) if select.summary else "",
        published=moment.value,
        published_raw=raw,
        date_quality=moment.quality,
        events=tuple(_events(node, select, zone)) if select.event else (),
    )


def _events(node: LexborNode, select: Select, zone: ZoneInfo) -> Iterator[Event]:
    """When it takes place: a day or an hour, and the last day of several, `dal 12 al 14 luglio 2017`."""
    told = _SPAN.sub(lambda m: f"{m[1]} {m[2] or m[4]} {m[5]} - {m[3]} {m[4]} {m[5]}", _value(node, select.event))
    found = [m for m in (dates.parse(one, zone) for one in _candidates(told)) if m.value]
    if found and (start := found[0].value):
        end = next((m.value for m in found[1:] if m.value and m.value > start and m.quality == found[0].quality), None)
        place = _value(node, select.place) if select.place else ""
        yield Event(start, end, place, all_day=found[0].quality == "day")


def _refuse_nothing(entries: Sequence[Entry], select: Select) -> None:
    found: dict[str, Callable[[], bool]] = {
        "entry": lambda: bool(entries),
        "title": lambda: any(entry.title for entry in entries),
        "link": lambda: any(entry.url for entry in entries),
        "date": lambda: not select.date or any(entry.published_raw for entry in entries),
        "event": lambda: not select.event or any(entry.events for entry in entries),
    }
    for key, finds in found.items():
        if not finds():
            where = "on the page" if key == "entry" else f"in any of its {len(entries)} entries"
            raise ParseError(
                f"select.{key} {getattr(select, key)!r} finds nothing {where}: its markup has changed; "
                "look at the page and mend select: in feeds.yaml"
            )


# --- what a selector finds ---


def _value(node: LexborNode, selector: str, default: str = "") -> str:
    """The text or the attribute of the first element that the selector finds; `default`: the attribute where it names
    none."""
    css, attribute = selector_parts(selector)
    found = node.css_first(css) if css else node
    if found is None:
        return ""
    name = attribute or (default if found.tag == "a" else "")
    value = found.attributes.get(name) if name else found.text(separator=" ", strip=True)
    return " ".join((value or "").split())


def _html(node: LexborNode, selector: str) -> str:
    css, attribute = selector_parts(selector)
    if attribute:
        return _value(node, selector)
    return "\n".join(_inner(found) for found in node.css(css))


def _inner(node: LexborNode) -> str:
    return (node.inner_html or "").strip()


def _moment(raw: str, form: str, zone: ZoneInfo) -> dates.Moment:
    """A date by its form, or wherever it stands in the text."""
    if form != "auto":
        return dates.by_form(raw, form, zone)
    told = [dates.parse(raw, zone), *(dates.parse(found, zone) for found in _candidates(raw))]
    return next((moment for moment in told if moment.value), told[0])


def _candidates(raw: str) -> Iterator[str]:
    return (found[0] for found in _DATE.finditer(raw))
