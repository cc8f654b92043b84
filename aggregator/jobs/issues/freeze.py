"""issue | content | editions | outbox: an issue whose hour has come, frozen as it is mailed and read ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from html import escape

from aggregator.content import Content, Note, Told
from aggregator.errors import RenderError
from aggregator.i18n import local_day
from aggregator.jobs.issues.editions import Choice, choice_of, choices, chosen, reads, render_edition
from aggregator.jobs.issues.newsroom import Newsroom, is_worth_sending, with_files
from aggregator.model import Delivery, Edition, Failure, Issue, Subscriber
from aggregator.ports import Desk, Disk, Store
from aggregator.render.mail.lines import Lines
from aggregator.render.mail.message import message_id_for
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter


def freeze_due(
    config: Config, store: Store, disk: Disk, desk: Desk, templates: Templates, now: datetime, only: str
) -> Iterator[Failure]:
    for issue in store.issues(only):
        newsletter = config.newsletter(issue.newsletter)
        if newsletter is None or not may_leave(issue, newsletter, now):
            continue
        try:
            _freeze(issue, newsletter, config, store, disk, desk, templates, now)
        except RenderError as error:
            yield Failure(newsletter.id, f"issue {issue.number} was not sent: {error}")


def may_leave(issue: Issue, newsletter: Newsletter, now: datetime) -> bool:
    """Whether its hour has come and nobody holds it back."""
    free = ("approved",) if newsletter.approval == "required" else ("draft", "approved")
    return issue.state in free and issue.due <= now


def all_unapproved(config: Config, issues: Iterable[Issue], now: datetime) -> Iterator[Failure]:
    """What an editor is asked, issue by issue."""
    for issue in issues:
        newsletter = config.newsletter(issue.newsletter)
        if newsletter and (late := unapproved(issue, newsletter, now, config)):
            yield Failure(newsletter.id, late)


def unapproved(issue: Issue, newsletter: Newsletter, now: datetime, config: Config) -> str:
    """What to tell where its hour is past and nobody has said anything of it; empty otherwise."""
    if newsletter.approval != "required" or issue.state != "draft" or issue.due > now:
        return ""
    since = f"{issue.due.astimezone(config.site.zone):%Y-%m-%d %H:%M}"
    return (
        f"issue {issue.number} should have left at {since} and nobody has approved it: "
        "`aggregator newsletter approve`, or `aggregator newsletter hold`"
    )


def _freeze(
    issue: Issue,
    newsletter: Newsletter,
    config: Config,
    store: Store,
    disk: Disk,
    desk: Desk,
    templates: Templates,
    now: datetime,
) -> None:
    prepared = Newsroom(newsletter, config, store, now).of(issue, desk)
    if prepared.faults:
        raise RenderError("\n".join(prepared.faults))
    content = with_files(prepared.content, config, disk)
    if content.note.hold and issue.state == "draft":  # said after it was composed
        store.set_issue_state(issue.newsletter, issue.number, "held")
        return
    if not is_worth_sending(content, newsletter, issue.closes, issue.due, config):
        # All it was to carry was taken out or is kept back: what is shown again one day is owed then.
        store.skip(issue.newsletter, set(issue.entries) - content.note.skip, later=True)
        store.skip(issue.newsletter, content.note.skip)
        store.set_issue_state(issue.newsletter, issue.number, "skipped")
        return
    editions = {}
    for choice in choices(newsletter, store.subscribers(), config.site.language):
        told = chosen(content, newsletter, choice[1])
        if is_worth_sending(told, newsletter, issue.closes, issue.due, config):
            editions[choice] = render_edition(issue, newsletter, content, choice, config, store, templates)
    # What is kept back again since it was composed (publish_at moved, hidden) is not carried, and so not lost.
    frozen = replace(
        issue, entries=prepared.entries, hash=_hash(editions.values()), frozen=now, note=_note(content.note)
    )
    owed = _deliveries(editions, newsletter, config, store)
    told_all = _told(content, issue, config, now) if editions else ()  # where there is no reader, nobody was told
    store.queue_issue(frozen, editions.values(), owed, told_all, content.note.skip)


def _told(content: Content, issue: Issue, config: Config, now: datetime) -> Iterator[Told]:
    """As what the issue tells its entries; a change is told once."""
    writer = Lines(config.site, {}, config.site.language, local_day(issue.due, config.site.zone))
    told = {s.lead.id: Told(s.lead.id, issue.number, s.lead.revision, now) for s in content.news}
    for update in content.updates:
        entry, words = update.entry, writer.change(update).words
        told[entry.id] = Told(entry.id, issue.number, entry.revision, now, update.gone, words)
    yield from told.values()


def _note(note: Note) -> str:
    signed = f"<p>{escape(note.signed)}</p>" if note.signed else ""
    return note.html + signed


def _hash(editions: Iterable[Edition]) -> str:
    """The same for the same editions, whatever their order."""
    told = sorted((e.language, e.sections, e.subject, e.html, e.text) for e in editions)
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def _deliveries(
    editions: Mapping[Choice, Edition], newsletter: Newsletter, config: Config, store: Store
) -> Iterator[Delivery]:
    """Made one by one as they are stored: there may be tens of thousands."""
    for subscriber in store.subscribers():
        edition = editions.get(choice_of(subscriber, config.site.language))
        if edition is not None and reads(subscriber, newsletter):
            yield _owed(edition, subscriber, config)


def _owed(edition: Edition, subscriber: Subscriber, config: Config) -> Delivery:
    message_id = message_id_for("issue", edition.newsletter, edition.number, subscriber.id, config.site.host)
    return Delivery(
        id=f"{edition.newsletter}-{edition.number}-{subscriber.id}",
        kind="issue",
        address=subscriber.address,
        message_id=message_id,
        subscriber_id=subscriber.id,
        newsletter=edition.newsletter,
        number=edition.number,
        language=edition.language,
        sections=edition.sections,
    )
