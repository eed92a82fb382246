"""Spaces whose words staff wrote; and the spaces of one owner are found in an index."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the column and the indexes; staff had written no words that stay."""
    worded: sa.Column[bool] = sa.Column(
        "worded_by_staff", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("space", worded)
    op.drop_index(op.f("ix_space_host_id"), "space")
    op.create_index(op.f("ix_space_host_id"), "space", ["host_id", "state"])
    op.create_index(op.f("ix_space_returns_to"), "space", ["returns_to", "state"])
