"""A Markdown file of announcements/ -> Entry, or a Problem that names every fault of it. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from posixpath import basename, dirname, join, splitext
from typing import get_args
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt

from aggregator import i18n
from aggregator.model import ANNOUNCEMENTS, Area, Enclosure, Entry, Link, Problem
from aggregator.parse.events import events
from aggregator.parse.front_matter import Fault, FrontMatter, read
from aggregator.parse.values import Values
from aggregator.slugs import slug

KEYS = (
    "title summary section date type tags source deadline event link attachments area pin publish_at expires draft "
    "change"
).split()
# Our own text is a page or two; more than this is a file that strayed into the folder.
_LONGEST = 1_000_000
_LONGEST_TITLE = 120
_QUESTION = re.compile(r"\A\s*domanda[ \t]*:[ \t]*", re.IGNORECASE)
_ANSWER = re.compile(r"^[ \t]*risposta[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
# What is left of a title that YAML would take for an empty one.
_QUOTES = " \"'«»“”‘’"
# A file's name may hold blanks: it ends at the first word with an extension, else at the first blank.
_ATTACHMENT = re.compile(r"(.*?\.[A-Za-z0-9]{1,5}|\S+)(?:\s+(.*))?")
_NO_ATTACHMENT = "is no file beside the announcement; write its name, such as scheda.pdf, or for an address use `link:`"
# Fixed, because the host's own table (mimetypes) would give other bytes on another machine.
_MEDIA_TYPES = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "p7m": "application/pkcs7-mime",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rtf": "application/rtf",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webp": "image/webp",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def parse(path: str, body: bytes, zone: ZoneInfo, sections: Mapping[str, str]) -> Entry | Problem | None:
    """One announcement; None while `draft: true` keeps it back.

    `path` is relative to the announcements folder, with slashes; `sections` are {id: kind}; dates without a zone are
    in `zone`. A Problem has one line a fault, `announcements/PATH:LINE key: what was expected`.
    """
    if len(body) > _LONGEST:
        return _problem(path, [Fault(1, "file", "is longer than 1 MB; link or attach long documents")])
    matter = read(decoded(body))
    values = Values(matter, zone)
    if matter.whole and values.flag("draft"):
        return None
    entry = _entry(path, matter, values, sections) if matter.whole else None
    return entry if entry and not values.faults else _problem(path, values.faults)


def duplicates(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """{file name: its paths} of the names that stand in more than one folder: they claim one identity."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(paths):
        found[identity(path)] = (*found.get(identity(path), ()), path)
    return {name: same for name, same in found.items() if len(same) > 1}


def identity(path: str) -> str:
    """The file's name without its folder; composed, as a Mac writes the same accents in another form."""
    return unicodedata.normalize("NFC", basename(path))


def _problem(path: str, faults: Iterable[Fault]) -> Problem:
    lines = [f"announcements/{path}:{f.line} {f.key}: {f.text}" for f in sorted(faults, key=lambda f: f.line)]
    return Problem(ANNOUNCEMENTS, "parse", "\n".join(lines))


def decoded(body: bytes) -> str:
    """UTF-8, else windows-1252: line by line, as a pasted passage may differ from the rest of its file."""
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    return "\n".join(map(_decode_line, body.removeprefix(BOM_UTF8).split(b"\n")))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _entry(path: str, matter: FrontMatter, values: Values, sections: Mapping[str, str]) -> Entry:
    values.only(KEYS)
    values.said("draft", "area", "publish_at", "expires")
    section = values.one_of("section", sections)
    title = values.text("title")
    if sections.get(section) == "questions":
        title, content = _question(matter, values, title)
    else:
        content = MARKDOWN.render(matter.body)
    if not title.strip(_QUOTES):
        values.fault(values.field("title").line, "title", "is missing; write `title: ` and the headline")
    published, shown, expires = values.moment("date"), values.moment("publish_at").value, values.end("expires")
    if shown and expires and shown >= expires:
        values.fault(values.field("publish_at").line, "publish_at", "is after `expires`: nobody would ever see it")
    return Entry(
        source_id=ANNOUNCEMENTS,
        guid=identity(path),
        title=title,
        summary=html.escape(values.text("summary"), quote=False),
        content=content,
        tags=tuple(tag for _, tag in values.items("tags", commas=True)),
        published=published.value,
        published_raw=values.field("date").rest,
        date_quality=published.quality,
        enclosures=_attachments(values, dirname(path)),
        links=_links(values),
        events=events(values),
        deadline=values.day("deadline"),
        origin=values.text("source"),
        type=values.text("type"),
        section=section,
        area="reserved" if values.one_of("area", get_args(Area)) == "reserved" else "public",
        pin=values.flag("pin"),
        publish_at=shown,
        expires=expires,
        change=values.text("change"),
    )


def _links(values: Values) -> tuple[Link, ...]:
    links = []
    for line, text in values.items("link"):
        address, *label = text.split(maxsplit=1)
        links.append(Link(values.address(address, line, "link"), *label))
    return tuple(links)


def _attachments(values: Values, folder: str) -> tuple[Enclosure, ...]:
    """Files beside the announcement or below its folder. All of them land in one folder, beside the entry's page."""
    enclosures, taken = [], {"index.html", "event.ics"}
    for line, text in values.items("attachments"):
        match = _ATTACHMENT.fullmatch(text)
        name, label = match.groups("") if match else (text, "")
        own_name = identity(name).casefold()
        if "\\" in name or any(c < " " for c in name) or any(part[:1] in ("", ".") for part in name.split("/")):
            values.fault(line, "attachments", f"{name[:80]!r} {_NO_ATTACHMENT}")
        elif own_name in taken:
            values.fault(line, "attachments", f"the name {basename(name)!r} is taken on its page; rename the file")
        taken.add(own_name)
        enclosures.append(Enclosure(type=_media_type(name), title=label, path=join(folder, name)))
    return tuple(enclosures)


def _media_type(name: str) -> str:
    return _MEDIA_TYPES.get(splitext(name)[1][1:].lower(), "application/octet-stream")


def _question(matter: FrontMatter, values: Values, title: str) -> tuple[str, str]:
    """(title, HTML) of a question and its answer; the start of the question is the title unless one is given. A
    question that says no more than its title is not quoted again."""
    parting = _ANSWER.search(matter.body)
    if parting is None:
        if not title:
            values.fault(matter.body_line, "Risposta", "is missing; write the question, a line `Risposta:`, the answer")
        return title or "?", MARKDOWN.render(matter.body)  # one fault is enough: no title is missing besides
    question, answer = _QUESTION.sub("", matter.body[: parting.start()]), matter.body[parting.end() :]
    if not answer.strip():
        line = matter.body_line + matter.body.count("\n", 0, parting.start())
        values.fault(line, "Risposta", "nothing follows; write the answer, or keep the file back with `draft: true`")
    title, asked = title or _start(_plain(question)), MARKDOWN.render(question)
    quoted = "" if asked in ("", f"<p>{html.escape(title)}</p>\n") else f"<blockquote>\n{asked}</blockquote>\n"
    return title, quoted + MARKDOWN.render(answer)


def _plain(markdown: str) -> str:
    """The words of a Markdown text, without its marks."""
    blocks = (token.children or () for token in MARKDOWN.parse(markdown) if token.type == "inline")
    spans = ((" " if part.type.endswith("break") else part.content for part in block) for block in blocks)
    return " ".join(" ".join("".join(block) for block in spans).split())


def _start(text: str) -> str:
    if len(text) <= _LONGEST_TITLE:
        return text
    head, _, _ = text[:_LONGEST_TITLE].rpartition(" ")
    return (head or text[: _LONGEST_TITLE - 1]).rstrip(" ,;:.") + "…"


def draft(title: str, section: str, today: date, language: str) -> tuple[str, str]:
    """(file name, text) of a new announcement, kept back, with every other key as a hint in a comment."""
    _ = i18n.translations(language).gettext
    title = " ".join(title.split())
    day = f"{today:%d/%m/%Y}" if language == "it" else today.isoformat()
    later = today + timedelta(days=30)
    month_on = f"{later:%d/%m/%Y}" if language == "it" else later.isoformat()
    event = f'{{start: {month_on} 10:00, end: {month_on} 13:00, place: "{_("Rome, via di Prova 46")}"}}'
    hints = {
        "summary": _("One sentence that sums it up"),
        "type": _("Notice"),
        "tags": _("municipalities, training"),
        "source": _("Our office"),
        "deadline": month_on,
        "event": event,
        "link": f"https://www.example.it/ {_('The page of the project')}",
        "attachments": f"{_('form.pdf')} {_('Application form')}",
        "area": "reserved",
        "pin": "true",
        "publish_at": f"{month_on} 08:00",
        "expires": month_on,
        "change": _("What an edit changed, in one sentence"),
    }
    lines = [f"title: {title}", f"section: {section}", f"date: {day}", "draft: true"]
    lines += [f"# {_('Take out the line `draft` to publish, and the # before each line you need.')}"]
    lines += [f"# {key}: {example}" for key, example in hints.items()]
    text = "\n".join(["---", *lines, "---", "", _("Text in Markdown."), ""])
    return f"{slug(title)}.md", text
