"""Which post a report is about, and what it said then."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the columns; nothing that was reported so far was a post."""
    op.add_column("report", sa.Column("post_id", sa.String(), nullable=True))
    op.add_column("report", sa.Column("post", sa.JSON(none_as_null=True), nullable=True))
