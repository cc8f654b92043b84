"""What stands in the addresses of a subscriber's reserved feeds."""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for table in ("subscriber", "pending"):
        op.add_column(table, sa.Column("feeds_key", sa.String, nullable=False, server_default=sa.text("''")))
    people = sa.table("subscriber", *map(sa.column, ("id", "area", "feeds_key")))
    reserved = op.get_bind().scalars(sa.select(people.c.id).where(people.c.area == "reserved")).all()
    for one in reserved:  # none: it was taken away
        op.execute(people.update().where(people.c.id == one).values(feeds_key=token_hex(8)))
