"""When a mail was first handed over: how long it is tried goes by the clock."""

import sqlalchemy as sa
from alembic import op

from aggregator.store.columns import Moment

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("first_try", Moment))
