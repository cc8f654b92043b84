"""What stands in the addresses of a subscriber's reserved feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for table in ("subscriber", "pending"):
        op.add_column(table, sa.Column("feeds_key", sa.String, nullable=False, server_default=sa.text("''")))
