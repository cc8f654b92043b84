"""issue that waits | content | editors | outbox: the draft as the real mail, with what changed since the last one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.content import Content, Draft
from aggregator.errors import RenderError
from aggregator.jobs.issues.editions import render_edition
from aggregator.jobs.issues.freeze import may_leave
from aggregator.jobs.issues.newsroom import Newsroom, with_files
from aggregator.jobs.post import Post
from aggregator.model import Delivery, Edition, Failure
from aggregator.ports import Desk, Disk, Store
from aggregator.render.mail.message import list_id_for, message_id_for
from aggregator.render.mail.preface import draft_subject, preface
from aggregator.render.templates import Templates
from aggregator.settings import Config, Newsletter
from aggregator.tokens import Keyring

# Who saves a note five times in ten minutes wants one draft of it.
_PAUSE = timedelta(hours=1)


def mail_drafts(
    config: Config,
    store: Store,
    disk: Disk,
    desk: Desk,
    post: Post,
    keyring: Keyring,
    templates: Templates,
    now: datetime,
    only: str,
) -> Iterator[Failure]:
    """Owe the editors each draft that waits, and again where it has changed; once an hour at most."""
    for issue in store.issues(only):
        newsletter = config.newsletter(issue.newsletter)
        if newsletter is None or not newsletter.editors or not issue.waits or may_leave(issue, newsletter, now):
            continue
        last = store.last_draft(newsletter.id, issue.number)
        if last and now - last.at < _PAUSE:
            continue
        prepared = Newsroom(newsletter, config, store, now).of(issue, desk)
        content = with_files(prepared.content, config, disk)
        draft = Draft(newsletter.id, issue.number, last.version + 1 if last else 1, now, _told(content))
        if last and last.told == draft.told:
            continue
        lines = tuple(preface(issue, newsletter, last, draft, config, prepared.faults))
        try:
            rendered = render_edition(
                issue, newsletter, content, (config.site.language, ()), config, store, templates, lines
            )
        except RenderError as error:
            yield Failure(newsletter.id, f"the draft of issue {issue.number} was not mailed: {error}")
            continue
        mail = replace(rendered, subject=draft_subject(rendered.subject, config.site.language))
        store.queue_draft(draft, _deliveries(mail, draft, newsletter, config, post, keyring))


def _told(content: Content) -> Mapping[str, tuple[str, str]]:
    """{what: (title, hash)}; the words of a source's entry are in its fingerprint."""
    stories = {s.lead.id: (s.lead.title, [e.fingerprint for e in s.entries]) for s in content.news}
    near = {f"near {s.lead.id}": (s.lead.title, [s.lead.fingerprint]) for s in content.recalled}
    changed = {f"update {u.entry.id}": (u.entry.title, [u.entry.fingerprint]) for u in content.updates}
    note = {"note": ("", [content.note.html, content.note.signed, content.note.lead])}
    return {what: (title, _hash(told)) for what, (title, told) in (stories | near | changed | note).items()}


def _hash(told: list[str]) -> str:
    return hashlib.blake2b("\n".join(told).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _deliveries(
    mail: Edition, draft: Draft, newsletter: Newsletter, config: Config, post: Post, keyring: Keyring
) -> Iterator[Delivery]:
    list_id, links = list_id_for(newsletter.id, config.site.host), post.links(keyring, "nobody")
    for place, address in enumerate(newsletter.editors, 1):
        who = f"{draft.version}-{address}"
        message_id = message_id_for("draft", newsletter.id, draft.number, who, config.site.host)
        message = post.mail(mail, address, message_id, draft.at, list_id, links, is_automatic=True)
        id_ = f"draft-{newsletter.id}-{draft.number}-{draft.version}-{place}"
        yield Delivery(id_, "draft", address, message_id, newsletter=newsletter.id, message=message)
