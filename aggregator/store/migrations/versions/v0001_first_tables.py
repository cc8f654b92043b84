"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# As `columns.Moment` keeps them, in words of this day: what a migration made must not change with the code.
moment = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    _pulled()
    _issues()
    _people()
    _outbox()
    _record()


def _pulled() -> None:
    op.create_table(
        "source",
        sa.Column("source_id", sa.String, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_source"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("source_id", sa.String, nullable=False),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("first_seen", moment, nullable=False),
        sa.Column("shown", moment),
        sa.Column("archive", sa.Boolean, nullable=False),
        sa.Column("left_out", sa.Text, nullable=False),
        sa.Column("withdrawn", moment),
        sa.Column("revised", moment),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("guid", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.ForeignKeyConstraint(["source_id"], ["source.source_id"], name="fk_entry_source_id"),
        sa.UniqueConstraint("slug", name="uq_entry_slug"),
    )
    op.create_index("ix_entry_source_id", "entry", ["source_id"])
    op.create_index("ix_entry_first_seen_id", "entry", ["first_seen", "id"])
    op.create_table(
        "entry_body",
        sa.Column("entry_id", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_entry_body"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_body_entry_id"),
    )
    op.create_table(
        "revision",
        sa.Column("entry_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("former", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_revision"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_revision_entry_id"),
    )


def _issues() -> None:
    op.create_table(
        "newsletter",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("first_opens", moment),
        sa.PrimaryKeyConstraint("id", name="pk_newsletter"),
    )
    op.create_table(
        "issue",
        sa.Column("newsletter", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("opens", moment, nullable=False),
        sa.Column("closes", moment, nullable=False),
        sa.Column("due", moment, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "number", name="pk_issue"),
        sa.ForeignKeyConstraint(["newsletter"], ["newsletter.id"], name="fk_issue_newsletter"),
    )
    op.create_table(
        "issue_entry",
        sa.Column("newsletter", sa.String, nullable=False),
        sa.Column("entry_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "entry_id", name="pk_issue_entry"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_issue_entry_entry_id"),
        _of_issue("issue_entry"),
    )
    op.create_index("ix_issue_entry_newsletter_number", "issue_entry", ["newsletter", "number"])
    op.create_table(
        "edition",
        sa.Column("newsletter", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "number", "language", "sections", name="pk_edition"),
        _of_issue("edition"),
    )


def _of_issue(table: str) -> sa.ForeignKeyConstraint:
    here, there = ["newsletter", "number"], ["issue.newsletter", "issue.number"]
    return sa.ForeignKeyConstraint(here, there, name=f"fk_{table}_newsletter_number")


def _people() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False),
        sa.Column("consent", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("newsletters", sa.Text, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("municipality", sa.Text, nullable=False),
        sa.Column("since", moment),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("folded", name="uq_subscriber_folded"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subscriber_id", sa.String, nullable=False),
        sa.Column("at", moment),
        sa.Column("consent", sa.String, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name="fk_consent_subscriber_id"),
    )
    op.create_index("ix_consent_subscriber_id", "consent", ["subscriber_id"])


def _outbox() -> None:
    op.create_table(
        "delivery",
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("subscriber_id", sa.String, nullable=False),
        sa.Column("newsletter", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", moment),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_delivery"),
        sa.UniqueConstraint("id", name="uq_delivery_id"),
    )
    op.create_index("ix_delivery_newsletter_number", "delivery", ["newsletter", "number"])
    owed, issues = sa.text("state IN ('queued', 'deferred')"), sa.text("kind = 'issue'")
    op.create_index("ix_delivery_owed", "delivery", ["place"], sqlite_where=owed, postgresql_where=owed)
    once = ["newsletter", "number", "subscriber_id"]
    op.create_index("uq_delivery_issue", "delivery", once, unique=True, sqlite_where=issues, postgresql_where=issues)


def _record() -> None:
    op.create_table(
        "report",
        sa.Column("job", sa.String, nullable=False),
        sa.Column("last", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_report"),
    )
    op.create_table(
        "newest",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("moment", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_newest"),
        sa.CheckConstraint("id = 1", name="ck_newest_one"),
    )
