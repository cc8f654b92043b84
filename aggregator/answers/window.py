"""A window on one stage: what a document says, without storing it."""

from __future__ import annotations

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

from aggregator import parse
from aggregator.intake.clean import safe
from aggregator.intake.identify import names
from aggregator.jobs.pulling import pages
from aggregator.model import Feed, Fetched, Problem
from aggregator.settings import Source

log = logging.getLogger(__name__)


def read_document(
    fetched: Fetched | Problem, zone: ZoneInfo, source: Source | None = None
) -> tuple[str | None, Feed | Problem]:
    """The parser that read it, and every entry with its id, cleaned; or why it cannot be read. With a `source` that has
    selectors it is a page of that source."""
    if isinstance(fetched, Problem):
        return None, fetched
    try:
        parser: str | None
        if source and source.select:
            parser, found = "page", pages.read(fetched, (), source)
        else:
            parser, found = parse.read(fetched, zone)
        if isinstance(found, Problem):
            return None, found
        named = zip(found.entries, names(found.entries, found.home), strict=True)
        return parser, replace(found, entries=tuple(safe(replace(e, id=id_), found.self_url) for e, id_ in named))
    except Exception as error:  # one odd document never stops the others
        log.exception("%s: reading it crashed", fetched.source_id)
        return None, Problem(fetched.source_id, "crash", f"reading it crashed ({type(error).__name__}: {error})")
