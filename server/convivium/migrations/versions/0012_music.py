"""Spaces for music."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the column; all spaces so far are for voices."""
    column: sa.Column[bool] = sa.Column(
        "music", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("space", column)
