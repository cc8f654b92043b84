"""Drafts of issues, as they were mailed to the editors."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from aggregator.content import Draft
from aggregator.model import Delivery
from aggregator.store import outbox, tables


def last_draft(connection: Connection, newsletter: str, number: int) -> Draft | None:
    mine = (tables.draft.c.newsletter == newsletter) & (tables.draft.c.number == number)
    wanted = select(tables.draft).where(mine).order_by(tables.draft.c.version.desc()).limit(1)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        return None
    told = {what: (title, hash_) for what, (title, hash_) in json.loads(row["told"]).items()}
    return Draft(**{**row, "told": told})


def queue_draft(connection: Connection, draft: Draft, deliveries: Iterable[Delivery]) -> None:
    columns = {name: getattr(draft, name) for name in ("newsletter", "number", "version", "at")}
    connection.execute(insert(tables.draft), columns | {"told": json.dumps(dict(draft.told))})
    for delivery in deliveries:
        outbox.queue(connection, delivery)
