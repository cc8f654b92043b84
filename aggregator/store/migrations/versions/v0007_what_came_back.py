"""Mails that came back, and hashes of the addresses nothing is sent to."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.columns import Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "returned",
        sa.Column("subscriber_id", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "about", name="pk_returned"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name="fk_returned_subscriber_id"),
    )
    op.create_table(
        "suppressed",
        sa.Column("address_hash", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_suppressed"),
    )
