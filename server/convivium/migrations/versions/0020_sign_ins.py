"""What one is signed in with: which browser, and when and how it was last shown whose it is."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the columns; nobody knows these things of older sessions."""
    for name in ("browser", "system"):
        op.add_column(
            "session", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''"))
        )
    op.add_column("session", sa.Column("proved_at", sa.DateTime(), nullable=True))
    op.add_column("session", sa.Column("proved_by", sa.String(), nullable=True))
