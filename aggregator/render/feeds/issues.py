"""Shelves -> `newsletter/ID.atom`: an entry for each issue, with links to what it told."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from aggregator.model import Document, Entry, Feed, Issue
from aggregator.render import paths
from aggregator.render.feeds import atom
from aggregator.render.feeds.context import Context
from aggregator.render.press import Press
from aggregator.render.site.newsletters import archived, called, number, shelf
from aggregator.settings import Newsletter


def feed(press: Press, newsletter_id: str) -> Iterator[Document]:
    newsletter = archived(press).get(newsletter_id)
    if newsletter is None:
        return
    site, path = press.config.site, paths.newsletter_feed(newsletter_id)
    issues = press.issues.get(newsletter_id, ())[: press.config.publish.feed_entries]
    entries = tuple(_entry(issue, newsletter, press) for issue in issues)
    told = Feed(
        id=paths.address(site, path),
        title=called(newsletter, press),
        home=paths.address(site, paths.newsletter_page(newsletter_id)),
        self_url=paths.address(site, path),
        language=site.language,
        updated=max((entry.updated for entry in entries if entry.updated), default=None),
        entries=entries,
    )
    context = Context(publisher=site.publisher.name if site.publisher else site.title)
    yield Document(path, atom.render(told, context), "application/atom+xml")


def _entry(issue: Issue, newsletter: Newsletter, press: Press) -> Entry:
    """Its links lead to the pages of what may still be shown."""
    site = press.config.site
    rows = press.stock.rows(press.shelves.latest(shelf(issue)))
    items = "".join(f'<li><a href="{escape(site.url + row.path)}">{escape(row.title)}</a></li>' for row in rows)
    at = issue.frozen or issue.due
    return Entry(
        source_id=newsletter.id,
        guid=f"tag:{site.host},2026:newsletter/{newsletter.id}/{issue.number}",
        url=paths.address(site, paths.issue_page(newsletter.id, issue.number)),
        title=f"{called(newsletter, press)} {number(issue, press).name}",
        content=f"{issue.note}<ul>{items}</ul>" if items else issue.note,
        published=at,
        updated=at,
    )
