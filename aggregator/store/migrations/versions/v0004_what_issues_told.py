"""As what an issue told its entries, what editors skip or put off, drafts as they were mailed, an issue's hash."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.columns import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("issue", sa.Column("hash", sa.String, nullable=False, server_default=sa.text("''")))
    op.add_column("issue", sa.Column("frozen", Moment))
    op.add_column("issue", sa.Column("note", sa.Text, nullable=False, server_default=sa.text("''")))
    for name in ("skipped", "owed_again"):
        op.create_table(
            name,
            sa.Column("newsletter", sa.String, nullable=False),
            sa.Column("entry_id", sa.String, nullable=False),
            sa.PrimaryKeyConstraint("newsletter", "entry_id", name=f"pk_{name}"),
            sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=f"fk_{name}_entry_id"),
        )
    op.create_table(
        "told",
        sa.Column("newsletter", sa.String, nullable=False),
        sa.Column("entry_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "entry_id", "number", name="pk_told"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_told_entry_id"),
        sa.ForeignKeyConstraint(
            ["newsletter", "number"], ["issue.newsletter", "issue.number"], name="fk_told_newsletter_number"
        ),
    )
    op.create_table(
        "draft",
        sa.Column("newsletter", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "number", "version", name="pk_draft"),
        sa.ForeignKeyConstraint(
            ["newsletter", "number"], ["issue.newsletter", "issue.number"], name="fk_draft_newsletter_number"
        ),
    )
