"""Issue -> Edition: the mail of one issue, HTML and text alike, for one language and choice of sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from markupsafe import Markup

from aggregator import i18n
from aggregator.content import Content, Note
from aggregator.errors import RenderError
from aggregator.markup import text
from aggregator.model import Edition, Issue, Story
from aggregator.render import paths
from aggregator.render.mail.contents import Contents, arrange
from aggregator.render.mail.inline import inlined
from aggregator.render.mail.lines import Line, Lines, clean, links, unmarked
from aggregator.render.mail.message import ADDRESS_MARK, LEAVE_MARK, PREFERENCES_MARK, quoted_printable
from aggregator.render.palette import palette
from aggregator.render.templates import Templates
from aggregator.render.view import cut, headline
from aggregator.settings import Config, Newsletter

# Octets of HTML as mailed. Gmail hides what is beyond 102 kB; we stay under 90, the recipient's own words included.
BUDGET = 87_000
_SUBJECT = 130  # characters
_EXCERPTS = (190, 90, 0)  # characters: two lines, one, none
_HALF_DAY = timedelta(hours=12)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and its lines; the `more` others are on `page`."""

    title: str
    lines: tuple[Line, ...]
    more: int
    page: str


def edition(
    newsletter: Newsletter,
    issue: Issue,
    content: Content,
    config: Config,
    language: str,
    sections: tuple[str, ...],
    titles: Mapping[str, str],
    templates: Templates,
    preface: Sequence[str] = (),
) -> Edition:
    """The issue as it is mailed, with `render.mail.message`'s marks where the recipient's own words go.

    `content` is past the area gate and cut to what may be republished; `sections` is this edition's choice (empty:
    all); `titles` names the sources; `preface` is what only editors read, above the rest. Too much for one mail is cut
    by rule: excerpts get shorter, then go, then there are fewer stories under each heading and "altre N notizie" leads
    to the rest. RenderError where a template is broken, or where the editor's note alone is too much.
    """
    contents = arrange(newsletter, issue, content, config, sections)
    press = _Press(newsletter, issue, config, language, contents, content.note, preface, sections)
    page, plain = (f"newsletter/{newsletter.look}/issue.{kind}" for kind in ("html", "txt"))
    frame = press.frame()
    for limit, excerpts in _details(newsletter.limit):
        shown = frame | press.blocks(titles, limit, excerpts)
        html = inlined(templates.render(page, language, **shown), page)
        if len(quoted_printable(html)) <= BUDGET:
            break
    else:
        raise RenderError(f"newsletter {newsletter.id}: its frame and the editor's note alone are too much; shorten it")
    words = templates.render(plain, language, **shown)
    return Edition(newsletter.id, issue.number, language, sections, press.subject(), html, words)


def _details(limit: int) -> Iterator[tuple[int, int]]:
    """(stories under a heading, characters of an excerpt): from everything to headings alone."""
    yield from ((limit, excerpts) for excerpts in _EXCERPTS)
    while limit:
        limit //= 2
        yield limit, 0


@dataclass(frozen=True, slots=True)
class _Press:
    newsletter: Newsletter
    issue: Issue
    config: Config
    language: str
    contents: Contents
    note: Note
    preface: Sequence[str]
    chosen: tuple[str, ...]

    @property
    def today(self) -> date:
        return i18n.local_day(self.issue.due, self.config.site.zone)

    def frame(self) -> dict[str, object]:
        """What the issue shows however little room there is."""
        return {
            "site": replace(self.config.site, links=self.config.site.links.seen_from(self.config.site.url)),
            "title": clean(self.newsletter.title),
            "language": self.language,
            "subject": self.subject(),
            "number": self.number(),
            "counts": self.counts(),
            "choice": i18n.listing([s.title for s, _ in self.contents.sections], self.language) if self.chosen else "",
            "note": Markup(unmarked(self.note.html)),  # noqa: S704 - the sanitiser wrote it
            "note_text": clean(text(self.note.html)),
            "note_links": links(self.note.html),
            "signed": clean(self.note.signed),
            "preface": tuple(clean(line) for line in self.preface),
            "archive": self.archive(),
            "colours": palette(self.config.site.theme.color),
            "address_mark": ADDRESS_MARK,
            "leave_mark": LEAVE_MARK,
            **self.web(),
        }

    def web(self) -> dict[str, str]:
        """Where a reader changes what they get, and who was forwarded the mail subscribes; empty without a web side. A
        reserved newsletter is on no public form."""
        there = self.config.web != "none"
        joining = paths.address(self.config.site, paths.SUBSCRIBE) if there and self.newsletter.area == "public" else ""
        return {"preferences_mark": PREFERENCES_MARK if there else "", "subscribe": joining}

    def blocks(self, titles: Mapping[str, str], limit: int, excerpts: int) -> dict[str, object]:
        contents = self.contents
        writer = Lines(self.config.site, titles, self.language, self.today)

        def block(title: str, stories: Sequence[Story], page: str) -> Block:
            lines = tuple(
                writer.line(
                    story,
                    excerpts,
                    is_new=story.lead.id in contents.fresh,
                    was=contents.moved.get(story.lead.id),
                )
                for story in stories[:limit]
            )
            return Block(title, lines, len(stories) - len(lines), paths.address(self.config.site, page))

        calendar = contents.calendar
        heading, page = (calendar.title, paths.section_page(calendar.id)) if calendar else (self._("Agenda"), "")
        return {
            "deadlines": block(self._("Deadlines"), contents.deadlines, ""),
            "agenda": block(heading, contents.agenda, page),
            "updates": [writer.change(update) for update in contents.updates[: limit * 2]],
            "more_updates": len(contents.updates[limit * 2 :]),
            "sections": [
                block(s.title, stories, paths.section_page(s.id)) for s, stories in contents.sections if stories
            ],
        }

    def subject(self) -> str:
        """`Permessi n. 14/2026 – Adesioni entro il 30 giugno, e altre 9 novità`: offices file by what comes first."""
        number = {"title": clean(self.newsletter.title), "number": self.issue.number, "year": self.today.year}
        name = self._("%(title)s no. %(number)s/%(year)s") % number
        if self.contents.lead is None:
            return name
        lead, news = self.contents.lead.lead, self.contents.news
        others = sum(story.lead.id != lead.id for story in news)
        rest = self._plural(", and one more", ", and %(num)s more", others) if others else ""
        title = clean(headline(lead)) or self._("Untitled")
        first = cut(title, max(_SUBJECT - len(name) - len(rest), 30))
        return f"{name} – {first.rstrip(' .,;:') if rest else first}{rest}"

    def number(self) -> str:
        """`n. 14 del 17 giugno 2026`."""
        day = i18n.long_date(self.today, self.language, self.config.site.zone)
        return i18n.elided(
            self._("no. %(number)s of %(date)s") % {"number": self.issue.number, "date": day}, self.language
        )

    def counts(self) -> str:
        """`1 scadenza · 1 appuntamento · 9 novità · dal 10 al 16 giugno`."""
        counted = [
            (len(self.contents.deadlines), "%(num)s deadline", "%(num)s deadlines"),
            (len(self.contents.agenda), "%(num)s event", "%(num)s events"),
            (self.contents.in_sections, "%(num)s new entry", "%(num)s new entries"),
            (len(self.contents.updates), "%(num)s update", "%(num)s updates"),
        ]
        parts = [self._plural(one, many, count) for count, one, many in counted if count]
        return " · ".join([*(parts or [self._("Nothing new")]), self.period()])

    def archive(self) -> str:
        """The issue's own page on the portal; a reserved one has none."""
        if self.newsletter.area != "public":
            return ""
        return paths.address(self.config.site, paths.issue_page(self.newsletter.id, self.issue.number))

    def period(self) -> str:
        """The days covered. A day goes with the window that holds its better half, so that no two issues share one."""
        zone = self.config.site.zone
        first = i18n.local_day(self.issue.opens + _HALF_DAY - _INSTANT, zone)
        last = max(first, i18n.local_day(self.issue.closes - _HALF_DAY - _INSTANT, zone))
        end = i18n.date_as(last, "d MMMM", self.language, zone)
        if first == last:
            return end
        month = "" if (first.year, first.month) == (last.year, last.month) else " MMMM"
        start = i18n.date_as(first, f"d{month}", self.language, zone)
        return i18n.elided(self._("%(first)s to %(last)s") % {"first": start, "last": end}, self.language)

    def _(self, message: str) -> str:
        return i18n.translations(self.language).gettext(message)

    def _plural(self, one: str, many: str, count: int) -> str:
        return i18n.translations(self.language).ngettext(one, many, count) % {"num": count}
