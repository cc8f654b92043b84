"""Issues of the demo and of the replayed corpus as they are mailed: every look, language and choice of sections."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby, product
from pathlib import Path

from aggregator.app import App, open_app
from aggregator.jobs.editions import readers, render_edition
from aggregator.jobs.newsroom import Newsroom, with_files
from aggregator.jobs.preview import Preview
from aggregator.model import Issue
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
    """Every edition of an issue, in every look."""
    config = app.standing()
    newsletter = config.newsletters[0]
    prepared = Newsroom(newsletter, config, app.store, issue.due).of(issue, app.desk)
    content = with_files(prepared.content, config, app.disk)
    choices = sorted({sections for _, sections in readers(newsletter, app.store.subscribers(), "it")})
    for look, language, sections in product(LOOKS, LANGUAGES, choices):
        dressed, choice = replace(newsletter, look=look), (language, sections)
        edition = render_edition(issue, dressed, content, choice, config, app.store, app.templates)
        raw = app.trial_mail(Preview(issue, content, edition), READER)
        yield _taken_apart(name, not sections, "-".join((name, look, language, *sections)), raw)


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
