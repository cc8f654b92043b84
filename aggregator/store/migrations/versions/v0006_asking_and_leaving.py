"""Who asked to subscribe and has not confirmed it yet; what is kept of those who were erased."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.columns import Moment

revision = "0006"
down_revision = "0005"

_TOLD = {
    "address": sa.String,
    "consent": sa.String,
    "language": sa.String,
    "name": sa.Text,
    "newsletters": sa.Text,
    "sections": sa.Text,
    "area": sa.String,
    "municipality": sa.Text,
    "since": Moment,
    "evidence": sa.Text,
}


def upgrade() -> None:
    op.create_table(
        "pending",
        sa.Column("id", sa.String, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _TOLD.items()),
        sa.PrimaryKeyConstraint("id", name="pk_pending"),
    )
    op.create_table(
        "erased",
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("history", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_erased"),
    )
