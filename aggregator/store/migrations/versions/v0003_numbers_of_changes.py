"""What was written since a reader looked last is found by its number; all that is there came with the first."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table, column in (("entry", "written"), ("newest", "change")):
        op.add_column(table, sa.Column(column, sa.Integer, nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE entry SET written = 1")
    op.execute("UPDATE newest SET change = 1 WHERE EXISTS (SELECT 1 FROM entry)")
    op.create_index("ix_entry_written", "entry", ["written"])
