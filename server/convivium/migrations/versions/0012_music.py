"""Spaces for music."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the column; all spaces so far are for voices."""
    with op.batch_alter_table("space") as space:
        space.add_column(sa.Column("music", sa.Boolean(), nullable=False, server_default="0"))
