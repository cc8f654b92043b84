"""Builders of the nouns with defaults, so that a test names only what it is about.

    entry("a1", title="Bando", shown=None)      changes(new=[entry("a1")])      issue(entries=("a1",))

Everything happens around `NOW`, a Monday morning in June; `hours(n)` and `days(n)` are moments after it, or before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.merge import grouped, stories
from aggregator.model import Area, Changes, Check, Delivery, Edition, Entry, Feed, Issue, Story, Subscriber
from aggregator.rhythm import Rhythm
from aggregator.settings import Config, Newsletter, Section, Site, Source

NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


def entry(id: str = "e1", **fields: Any) -> Entry:
    """A stored entry, shown as news; `source_id` is anci."""
    told: dict[str, Any] = {
        "source_id": "anci",
        "guid": f"https://anci.example.it/?p={id}",
        "url": f"https://anci.example.it/notizie/{id}",
        "title": f"Avviso {id} per i Comuni",
        "summary": "<p>Le domande si presentano entro la fine del mese.</p>",
        "published": NOW,
        "published_raw": "Mon, 15 Jun 2026 08:00:00 +0200",
        "date_quality": "exact",
        "slug": f"avviso-{id}",
        "first_seen": NOW,
        "shown": NOW,
        "fingerprint": f"print-{id}",
    }
    return Entry(id=id, **(told | fields))


def feed(*entries: Entry, **fields: Any) -> Feed:
    told: dict[str, Any] = {"id": "anci", "title": "ANCI", "home": "https://anci.example.it/", "language": "it"}
    return Feed(entries=entries, **(told | fields))


def source(id: str = "anci", **fields: Any) -> Source:
    told: dict[str, Any] = {"url": f"https://{id}.example.it/feed", "title": id.upper(), "section": "news"}
    return Source(id=id, **(told | fields))


def check(source_id: str = "anci", **fields: Any) -> Check:
    """A source pulled with success before; `first_pull=None` makes it one never pulled."""
    told: dict[str, Any] = {"first_pull": days(-30), "last_attempt": NOW, "last_success": NOW, "next_check": hours(6)}
    return Check(source_id, **(told | fields))


def changes(
    source_id: str = "anci", *, new: Iterable[Entry] = (), changed: Iterable[Entry] = (), **fields: Any
) -> Changes:
    """What a pull found; its entries are given the source's id, and a guid key each unless `keys` says otherwise."""
    news, others = ([replace(e, source_id=source_id) for e in some] for some in (new, changed))
    told: dict[str, Any] = {
        "at": NOW,
        "check": check(source_id),
        "keys": {e.id: {"guid": f"key-{e.id}"} for e in (*news, *others)},
    }
    return Changes(source_id, new=tuple(news), changed=tuple(others), **(told | fields))


def issue(newsletter: str = "settimanale", number: int = 1, **fields: Any) -> Issue:
    """The week that ends `NOW`."""
    told: dict[str, Any] = {"opens": days(-7), "closes": NOW, "due": NOW}
    return Issue(newsletter, number, **(told | fields))


def edition(newsletter: str = "settimanale", number: int = 1, **fields: Any) -> Edition:
    told: dict[str, Any] = {
        "language": "it",
        "sections": (),
        "subject": f"Permessi di soggiorno n. {number}",
        "html": "<h1>Permessi di soggiorno</h1>",
        "text": "Permessi di soggiorno",
    }
    return Edition(newsletter, number, **(told | fields))


def subscriber(id: str = "s1", **fields: Any) -> Subscriber:
    """A confirmed subscriber to everything."""
    told: dict[str, Any] = {
        "address": f"anagrafe-{id}@comune.example.it",
        "consent": "confirmed",
        "language": "it",
        "since": days(-10),
        "evidence": "modulo web, 5 giugno 2026",
    }
    return Subscriber(id, **(told | fields))


def delivery(id: str = "d1", **fields: Any) -> Delivery:
    """One message of issue 1 to subscriber s1; with another `kind` and a `message` it is no issue's."""
    told: dict[str, Any] = {
        "kind": "issue",
        "address": "anagrafe-s1@comune.example.it",
        "message_id": f"<{id}@notizie.example.it>",
        "subscriber_id": "s1",
        "newsletter": "settimanale",
        "number": 1,
        "language": "it",
    }
    return Delivery(id=id, **(told | fields))


def newsletter(id: str = "settimanale", **fields: Any) -> Newsletter:
    """Every Monday at 8 in Rome, which is `NOW`; `when` and `draft` as feeds.yaml writes them."""
    rhythms = {name: Rhythm.parse(fields[name]) for name in ("when", "draft") if fields.get(name)}
    told: dict[str, Any] = {"title": "Permessi di soggiorno", "when": Rhythm.parse("mon 08:00")}
    return Newsletter(id=id, **(told | fields | rhythms))


def config(**fields: Any) -> Config:
    """A site with two sources, three sections and a weekly newsletter of all of them."""
    told: dict[str, Any] = {
        "site": Site("Permessi di soggiorno", "https://notizie.example.it/"),
        "sections": (Section("news", "News"), Section("agenda", "Agenda", "events"), Section("atti", "Atti")),
        "sources": (source("anci"), source("interno")),
        "newsletters": (newsletter(),),
    }
    return Config(**(told | fields))


def rss(*items: str, title: str = "ANCI") -> bytes:
    """An RSS document of these titles; `titolo|2026-06-14` is dated that day at noon."""
    told = []
    for place, item in enumerate(items, 1):
        name, _, day = item.partition("|")
        date = f"<pubDate>{datetime.fromisoformat(day):%d %b %Y} 12:00:00 +0200</pubDate>" if day else ""
        told.append(f"<item><title>{name}</title><link>https://anci.example.it/notizie/{place}</link>{date}</item>")
    head = f"<title>{title}</title><link>https://anci.example.it/</link>"
    return f'<rss version="2.0"><channel>{head}{"".join(told)}</channel></rss>'.encode()


def merged(entries: Iterable[Entry], where: Config, now: datetime, area: Area = "public") -> tuple[Story, ...]:
    """The stories that readers of an area are shown, as publishing makes them."""
    return stories(grouped(entries, where), where, now, area)
