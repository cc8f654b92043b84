"""Issues of the demo and of the replayed corpus as they are mailed: every look, language and choice of sections."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, product
from pathlib import Path

from aggregator.app import App, open_app
from aggregator.content import Content, Note, Update
from aggregator.jobs.issues.editions import choices, render_edition
from aggregator.jobs.issues.newsroom import Newsroom, with_files
from aggregator.jobs.issues.preview import Preview
from aggregator.model import Enclosure, Event, Issue
from tests.corpus.shelf import snapshots
from tests.servers import Answer, Route, serve

LOOKS, LANGUAGES = ("default", "plain"), ("it", "en")
READER = "anagrafe@comune.borgoesempio.example.it"
SITE = """\
site: {title: Albi e assemblee, url: "https://notizie.example.it/", theme: {color: "#f2c200"}}
sections: [albi, assemblee]
defaults: {section: albi}
network: {allow_private: 127.0.0.0/8}
newsletters: [{id: settimanale, title: Albi e assemblee, when: mon 08:00, limit: 100}]
rules: [{when: {title: ["disegn*", "assemblea", "legge"]}, section: assemblee}]
sources:
"""


@dataclass(frozen=True, slots=True)
class Mailed:
    """One mail; `name` tells its issue, look, language and sections, of which the `whole` issue has all."""

    issue: str
    whole: bool
    name: str
    subject: str
    raw: bytes
    html: str
    text: str


def mails(app: App, issue: Issue, name: str) -> Iterator[Mailed]:
    """Every edition of an issue, in every look; the whole one also as a draft that tells something of everything."""
    config = app.standing()
    newsletter = config.newsletters[0]
    prepared = Newsroom(newsletter, config, app.store, issue.due).of(issue, app.desk)
    content = with_files(prepared.content, config, app.disk)
    for look, language in product(LOOKS, LANGUAGES):
        dressed, full = replace(newsletter, look=look), _full(content, issue)
        lines = ("Questa è una bozza.", "Tolte: Avviso di prova")
        edition = render_edition(issue, dressed, full, (language, ()), config, app.store, app.templates, lines)
        raw = app.trial_mail(Preview(issue, full, edition), READER)
        yield _taken_apart(f"{name}-full", True, "-".join((name, "full", look, language)), raw)
    chosen = sorted({sections for _, sections in choices(newsletter, app.store.subscribers(), "it")})
    for look, language, sections in product(LOOKS, LANGUAGES, chosen):
        dressed, choice = replace(newsletter, look=look), (language, sections)
        edition = render_edition(issue, dressed, content, choice, config, app.store, app.templates)
        raw = app.trial_mail(Preview(issue, content, edition), READER)
        yield _taken_apart(name, not sections, "-".join((name, look, language, *sections)), raw)


def _full(content: Content, issue: Issue) -> Content:
    """With changes of every kind, a deadline that moved, and a note."""
    leads = [(story.lead, story.sections) for story in content.news[:6]]
    later, file = issue.due.date() + timedelta(days=9), Enclosure("https://www.example.it/modulo.pdf")
    told = [
        {"change": "Corretto l'importo"},
        {"deadline": later + timedelta(days=30)},
        {"events": (Event(issue.due + timedelta(days=3)),)},
        {"enclosures": (file,)},
        {"title": "Un titolo nuovo"},
        {},
    ]
    changed = [
        Update(replace(lead, **now), lead, 13, sections, gone=not now)
        for (lead, sections), now in zip(leads, told, strict=False)
    ]
    moved = replace(content.news[-1], lead=replace(content.news[-1].lead, id="mossa", deadline=later))
    changed.append(Update(moved.lead, replace(moved.lead, deadline=issue.due.date()), 12, moved.sections))
    note = Note(
        '<p>Care <strong>colleghe</strong>, il <a href="https://www.example.it/p">programma</a> è uscito.</p>', "Anna"
    )
    return replace(content, recalled=(*content.recalled, moved), updates=tuple(changed), note=note)


def _taken_apart(issue: str, whole: bool, name: str, raw: bytes) -> Mailed:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    assert html
    assert text
    return Mailed(issue, whole, name, str(message["Subject"]), raw, str(html.get_content()), str(text.get_content()))


@contextmanager
def replayed(folder: Path) -> Iterator[App]:
    """The corpus's feeds, pulled and composed as they came."""
    routes: dict[str, Route] = {}
    shown = list(snapshots())
    ids = {feed: f"fonte-{n}" for n, feed in enumerate(sorted({snapshot.feed for snapshot in shown}))}
    with serve(routes) as web:
        lines = (f'  - {{id: {id_}, url: "{web.url(f"/{id_}")}"}}\n' for id_ in ids.values())
        (folder / "feeds.yaml").write_text(SITE + "".join(lines), encoding="utf-8")
        app = open_app(folder / "feeds.yaml", lambda: shown[0].at)
        try:
            app.add_subscriber({"address": READER}, "prova")
            for at, group in groupby(shown, key=lambda snapshot: snapshot.at):
                routes |= {f"/{ids[snapshot.feed]}": Answer(snapshot.body) for snapshot in group}
                app.clock = lambda at=at: at  # type: ignore[misc]
                app.pull(force=True)
                app.compose()
                app.send()
            yield app
        finally:
            app.close()
