"""Removals that one act against a raid made, so that it can be undone as one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the column."""
    op.add_column("removal", sa.Column("clearing", sa.String(), nullable=True))
