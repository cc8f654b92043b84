"""What was shown since a moment is found by an index: composing reads its window, not the whole store."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_entry_shown", "entry", ["shown"])
