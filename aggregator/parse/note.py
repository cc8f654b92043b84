"""newsletters/ID/next.md -> the editor's note to an issue, or every fault of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt

from aggregator.markup import clean
from aggregator.parse.announcement import decoded
from aggregator.parse.front_matter import Fault, FrontMatter, read
from aggregator.parse.values import Values

# Without pictures: a mail loads nothing from anywhere.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
_HEADING = re.compile(r"<(/?)h[1-6]>")
KEYS = ("lead", "skip", "later", "hold", "signed")


@dataclass(frozen=True, slots=True)
class Written:
    """A note as written: `lead`, `skip` and `later` are (line, name of an entry); `html` is safe."""

    html: str = ""
    signed: str = ""
    lead: tuple[tuple[int, str], ...] = ()
    skip: tuple[tuple[int, str], ...] = ()
    later: tuple[tuple[int, str], ...] = ()
    hold: bool = False
    faults: tuple[Fault, ...] = ()


def parse(body: bytes, zone: ZoneInfo, site_url: str) -> Written:
    """Front matter as announcements have it, and below it the introduction in Markdown; without front matter all of it
    is the introduction. Links are resolved against the site's address."""
    text = decoded(body)
    matter = read(text) if text.lstrip().startswith("---") else FrontMatter(body=text)
    values = Values(matter, zone)
    values.only(KEYS)
    values.said("hold")
    lead = values.items("lead")
    if len(lead) > 1:
        values.fault(lead[1][0], "lead", "one entry leads; name one")
    written = Written(
        html=_html(matter.body, site_url),
        signed=values.text("signed"),
        lead=lead[:1],
        skip=values.items("skip"),
        later=values.items("later"),
        hold=values.flag("hold"),
    )
    return replace(written, faults=tuple(sorted(values.faults, key=lambda fault: fault.line)))


def _html(markdown: str, site_url: str) -> str:
    """Its headings are lines in bold: the issue has headings of its own."""
    html = _HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", _MARKDOWN.render(markdown))
    return clean(html, site_url).strip()
