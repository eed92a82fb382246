"""Whether a space lets people listen without a name."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the column; so far every space did."""
    column: sa.Column[bool] = sa.Column(
        "anonymous_listening", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("space", column)
