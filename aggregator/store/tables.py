"""The tables. Columns bear the names of the nouns' own fields, so that a row is a noun and a noun a row.

What is searched or changed alone is a column; the rest of an entry, and what only travels whole, is JSON (`rows`).
Every change here needs a migration; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from aggregator.store.columns import Moment, Prose, Words

# Names of constraints are spelled out, or each database would invent its own and no migration could name them.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- what was pulled ---

source = Table(
    "source",
    metadata,
    Column("source_id", String, primary_key=True),
    Column("found", Text, nullable=False),  # JSON of its Check
)

# Narrow: recognising 10,000 entries of a source reads no body.
entry = Table(
    "entry",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_id", ForeignKey(source.c.source_id), nullable=False, index=True),
    Column("slug", String, nullable=False, unique=True),
    Column("keys", Text, nullable=False),  # JSON {kind: hash}
    Column("fingerprint", String, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("shown", Moment, index=True),
    Column("expires", Moment, index=True),
    Column("archive", Boolean, nullable=False),
    Column("left_out", Prose, nullable=False),
    Column("withdrawn", Moment),
    Column("revised", Moment),
    Column("revision", Integer, nullable=False),
    Column("guid", Text),
    # The number of the transaction that last wrote it, see `newest.change`.
    Column("written", Integer, nullable=False, server_default=text("0"), index=True),
    Index(None, "first_seen", "id"),
)

entry_body = Table(
    "entry_body",
    metadata,
    Column("entry_id", ForeignKey(entry.c.id), primary_key=True),
    Column("body", Text, nullable=False),  # JSON of the Entry's other fields
)

revision = Table(
    "revision",
    metadata,
    Column("entry_id", ForeignKey(entry.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),  # when it stopped being so
    Column("former", Text, nullable=False),  # JSON of the whole Entry as it was
)

# --- issues and their ledger ---

newsletter = Table(
    "newsletter",
    metadata,
    Column("id", String, primary_key=True),
    Column("first_opens", Moment),
)

issue = Table(
    "issue",
    metadata,
    Column("newsletter", ForeignKey(newsletter.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("opens", Moment, nullable=False),
    Column("closes", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("hash", String, nullable=False, server_default=text("''")),
    Column("frozen", Moment),
    Column("note", Prose, nullable=False, server_default=text("''")),
)

# The ledger: its primary key is what makes "once" true.
issue_entry = Table(
    "issue_entry",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("entry_id", ForeignKey(entry.c.id), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    ForeignKeyConstraint(("newsletter", "number"), (issue.c.newsletter, issue.c.number)),
    Index(None, "newsletter", "number"),
)

# What an editor has left out for good, and what waits for the next issue though its hour was long ago.
skipped, owed_again = (
    Table(
        name,
        metadata,
        Column("newsletter", String, primary_key=True),
        Column("entry_id", ForeignKey(entry.c.id), primary_key=True),
    )
    for name in ("skipped", "owed_again")
)

# As what an issue told an entry: first as news, then each time it really changed.
told = Table(
    "told",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("entry_id", ForeignKey(entry.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("words", Prose, nullable=False),
    ForeignKeyConstraint(("newsletter", "number"), (issue.c.newsletter, issue.c.number)),
)

# Drafts as they were mailed to the editors.
draft = Table(
    "draft",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("told", Text, nullable=False),  # JSON {what: [title, hash]}
    ForeignKeyConstraint(("newsletter", "number"), (issue.c.newsletter, issue.c.number)),
)

edition = Table(
    "edition",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("language", String, primary_key=True),
    Column("sections", Words, primary_key=True),
    Column("subject", Prose, nullable=False),
    Column("html", Prose, nullable=False),
    Column("text", Prose, nullable=False),
    ForeignKeyConstraint(("newsletter", "number"), (issue.c.newsletter, issue.c.number)),
)

# --- people ---

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", String, primary_key=True),
    Column("address", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),  # the address, letter case aside
    Column("consent", String, nullable=False),
    Column("language", String, nullable=False),
    Column("name", Prose, nullable=False),
    Column("newsletters", Words, nullable=False),
    Column("sections", Words, nullable=False),
    Column("area", String, nullable=False),
    Column("municipality", Prose, nullable=False),
    Column("since", Moment),
    Column("evidence", Prose, nullable=False),
    Column("feeds_key", String, nullable=False, server_default=text("''")),
)

# Only ever appended to: the proof of every consent there was.
consent = Table(
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey(subscriber.c.id), nullable=False, index=True),
    Column("at", Moment),
    Column("consent", String, nullable=False),
    Column("evidence", Prose, nullable=False),
)

# Who asked to subscribe and has not confirmed it yet, with what they chose; erased after some days.
pending = Table(
    "pending",
    metadata,
    Column("id", String, primary_key=True),
    *(
        Column(name, kind, nullable=False)
        for name, kind in (
            ("address", String),
            ("consent", String),
            ("language", String),
            ("name", Prose),
            ("newsletters", Words),
            ("sections", Words),
            ("area", String),
            ("municipality", Prose),
            ("since", Moment),
            ("evidence", Prose),
        )
    ),
    Column("feeds_key", String, nullable=False, server_default=text("''")),
)

# Who was erased after leaving: known by a keyed hash of the address alone, with the proof of the consents there were.
erased = Table(
    "erased",
    metadata,
    Column("fingerprint", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("history", Text, nullable=False),  # JSON [[moment, consent, evidence]]
)

# Mails that came back for good, each once however often it is reported.
returned = Table(
    "returned",
    metadata,
    Column("subscriber_id", ForeignKey(subscriber.c.id), primary_key=True),
    Column("about", String, primary_key=True),  # which mail: a short hash of its Message-ID
    Column("at", Moment, nullable=False),
    Column("words", Prose, nullable=False),
)

# Nothing is sent to these addresses; they outlive the subscriber, and only who has the site's key can ask for one.
suppressed = Table(
    "suppressed",
    metadata,
    Column("address_hash", String, primary_key=True),
    Column("why", String, nullable=False),
    Column("at", Moment, nullable=False),
)

# --- the outbox ---

# Written out, not bound: SQLite uses a partial index only where the query repeats its very words.
OWED = text("state IN ('queued', 'deferred')")

delivery = Table(
    "delivery",
    metadata,
    Column("place", Integer, primary_key=True),  # in the queue: oldest first
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("address", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("subscriber_id", String, nullable=False),
    Column("newsletter", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("language", String, nullable=False),
    Column("sections", Words, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment),
    Column("detail", Prose, nullable=False),
    Column("first_try", Moment),
    Index(None, "newsletter", "number"),
    Index("ix_delivery_owed", "place", sqlite_where=OWED, postgresql_where=OWED),
)
_ISSUES = text("kind = 'issue'")
Index(
    "uq_delivery_issue",
    delivery.c.newsletter,
    delivery.c.number,
    delivery.c.subscriber_id,
    unique=True,
    sqlite_where=_ISSUES,
    postgresql_where=_ISSUES,
)

# --- the house's own record ---

report = Table(
    "report",
    metadata,
    Column("job", String, primary_key=True),
    Column("last", Text, nullable=False),  # JSON of its last Report
)

# One row: the newest moment any fact was stored at, and the number of the last transaction that wrote entries.
newest = Table(
    "newest",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one"), primary_key=True, autoincrement=False),
    Column("moment", Moment, nullable=False),
    Column("change", Integer, nullable=False, server_default=text("0")),
)

# The random name of each of the last changes: after a backup was put back, the same number is another change.
change = Table(
    "change",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
)
