"""A scene with everything a round of compose and send does, to be broken off anywhere: two newsletters, a note that
leaves one story out and puts one off, an attachment, a change announced by an editor, readers who choose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email import message_from_bytes
from typing import Any

from aggregator.jobs.issues.compose import compose
from aggregator.jobs.sending.deliver import deliver
from aggregator.model import Enclosure, Report
from aggregator.ports import Desk, Disk, Mail, Store
from aggregator.render.templates import Templates
from aggregator.settings import Config
from tests.build import NOW, changes, config, days, entry, newsletter, source, subscriber
from tests.fakes import FakeDesk, FakeDisk, FakeMail
from tests.jobs.sending import KEYRING, POST

SITE = config(
    sources=(source("anci"), source("interno", section="atti")),
    newsletters=(newsletter("settimanale"), newsletter("atti", sections=("atti",))),
)
NOTE = "---\nskip: Da tacere\nlater: Da rimandare\nsigned: La redazione\n---\nBuona lettura."
FILES = {"scheda.pdf": b"%PDF-1.7 scheda"}
READERS = (
    subscriber("tutti"),
    subscriber("atti", sections=("atti",)),
    subscriber("inglese", newsletters=("settimanale",), language="en"),
    subscriber("attesa", consent="pending"),
)
# What a round sends: {(reader, newsletter): how many}
MAILED = {
    ("tutti", "settimanale"),
    ("tutti", "atti"),
    ("atti", "settimanale"),
    ("atti", "atti"),
    ("inglese", "settimanale"),
}


@dataclass(frozen=True)
class Ports:
    store: Store
    disk: Disk
    desk: Desk
    mail: Mail


def look(where: Config = SITE) -> Templates:
    """A plain look: what the issue says matters here, not how."""
    line = "{% for b in sections %}{% for l in b.lines %}{{ l.title }}\n{% endfor %}{% endfor %}{{ note_text }}"
    ends = "{{ address_mark }} {{ leave_mark }}"
    pages = {"issue.txt": f"{line} {ends}", "issue.html": f"<html><body><p>{line}</p><p>{ends}</p></body></html>"}
    return Templates({f"newsletter/default/{name}": text for name, text in pages.items()}, where.site.zone)


def prepared(store: Store) -> None:
    """A week before `NOW` an issue was sent; since then there is more to tell."""
    for one in READERS:
        store.save_subscriber(one)
    for letter in SITE.newsletters:
        store.opened(letter.id, days(-14))
    first = entry("prima", title="Prima notizia", first_seen=days(-8), shown=days(-8), url=None)
    store.save(changes("anci", new=[first], at=days(-8)))
    before = Ports(store, FakeDisk({}), FakeDesk(), FakeMail())
    assert len(run(before, look(), days(-7))[0].issues) == 1
    later = replace(first, revision=1, revised=days(-3), change="Sede spostata in via Verdi", fingerprint="other")
    fresh: dict[str, Any] = {"first_seen": days(-2), "shown": days(-2), "url": None}
    file = Enclosure(path="scheda.pdf", type="application/pdf", title="Scheda")
    titles = {"nuova": "Apre lo sportello", "tacere": "Da tacere", "rimandare": "Da rimandare"}
    news = [entry(id_, title=title, summary="", **fresh) for id_, title in titles.items()]
    store.save(changes("anci", new=news, changed=[later], at=days(-2)))
    store.save(
        changes("interno", new=[entry("decreto", title="Decreto flussi", enclosures=(file,), **fresh)], at=days(-2))
    )


def run(ports: Ports, templates: Templates, now: Any = NOW) -> tuple[Report, Report]:
    composed = compose(SITE, ports.store, ports.desk, now)
    sent = deliver(SITE, ports.store, ports.disk, ports.desk, ports.mail, POST, KEYRING, templates, now)
    return composed, sent


def facts(store: Store) -> Mapping[str, object]:
    """All that newsletters remember."""
    told: dict[str, object] = {"deliveries": sorted((d.id, d.state, d.message_id) for d in store.deliveries())}
    for letter in ("settimanale", "atti"):
        told[letter] = (
            store.issues(letter),
            store.skipped(letter),
            store.owed_again(letter),
            store.changed_since_told(letter),
            store.first_opens(letter),
            [store.edition(letter, 2 if letter == "settimanale" else 1, "it", choice) for choice in ((), ("atti",))],
        )
    return told


def handed(mails: list[tuple[str, bytes]]) -> Counter[tuple[str, str]]:
    """{(recipient, Message-ID): how often}"""
    return Counter((to, str(message_from_bytes(raw)["Message-ID"])) for to, raw in mails)
