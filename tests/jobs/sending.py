"""What the tests of sending share: a site with an issue that is due, and how it stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy

from aggregator import disk
from aggregator.jobs.issues.compose import compose
from aggregator.jobs.people.office import Office
from aggregator.jobs.post import Post
from aggregator.model import Entry, Report, Subscriber
from aggregator.ports import Store
from aggregator.render.templates import Templates
from aggregator.settings import Config
from aggregator.tokens import Keyring
from tests.build import NOW, changes, config, days, entry, subscriber
from tests.fakes import FakeDesk, FakeMail

POST = Post("Permessi di soggiorno <notizie@example.it>", "servizi@example.it", "notizie@example.it")
WEB = replace(POST, web="https://notizie.example.it/")
KEYRING = Keyring(b"un segreto di prova")


def office(store: Store, clock: Callable[[], datetime], post: Post = POST, site: Config | None = None) -> Office:
    site = site or config()
    return Office(site, store, post, KEYRING, Templates(disk.templates(None), site.site.zone), clock)


def news(store: Store, *entries: Entry) -> None:
    """Shown last week, unless they say otherwise."""
    for one in entries or (entry("a", first_seen=days(-1), shown=days(-1)),):
        store.save(changes(one.source_id, new=[one], at=one.first_seen))


def composed(store: Store, *subscribers: Subscriber, site: Config | None = None, now: datetime = NOW) -> Config:
    """An issue that is due, and its readers."""
    site = site or config()
    store.opened("settimanale", days(-7))
    if not tuple(store.entries()):
        news(store)
    for one in subscribers:
        store.save_subscriber(one)
    assert compose(site, store, FakeDesk(), now).issues
    return site


def states(store: Store) -> dict[str, str]:
    return {d.subscriber_id or d.id: d.state for d in store.deliveries()}


def issue_state(store: Store) -> str:
    return store.issues("settimanale")[-1].state


def told(report: Report) -> dict[str, int]:
    assert report.counts.keys() == {"accepted", "deferred", "refused", "unknown"}
    return {name: n for name, n in report.counts.items() if n}


def three() -> list[Subscriber]:
    return [subscriber(f"s{n}") for n in (1, 2, 3)]


def mailed(mail: FakeMail) -> str:
    (raw,) = {raw for _, raw in mail.sent}
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())
