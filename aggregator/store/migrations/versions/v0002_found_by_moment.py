"""What was shown since a moment, and what is over by one, is found by an index."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

moment = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_index("ix_entry_shown", "entry", ["shown"])
    op.add_column("entry", sa.Column("expires", moment))
    op.create_index("ix_entry_expires", "entry", ["expires"])
    _fill_expires()


def _fill_expires() -> None:
    """It stood in the JSON of the body."""
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT entry_id, body FROM entry_body WHERE body LIKE '%\"expires\"%'"))
    told = {entry_id: json.loads(body).get("expires") for entry_id, body in found}
    entry = sa.table("entry", sa.column("id"), sa.column("expires", moment))
    filled = sa.update(entry).where(entry.c.id == sa.bindparam("which")).values(expires=sa.bindparam("until"))
    if rows := [{"which": id_, "until": _moment(text, connection)} for id_, text in told.items() if text]:
        connection.execute(filled, rows)


def _moment(text: str, connection: sa.Connection) -> datetime | str:
    """As `columns.Moment` keeps it."""
    told = datetime.fromisoformat(text)
    return told.isoformat(timespec="microseconds") if connection.dialect.name == "sqlite" else told
