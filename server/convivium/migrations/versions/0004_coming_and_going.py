"""Who comes back to a space of theirs, and who asked to speak and left."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the columns; nobody in a queue is known to have left."""
    op.add_column("space", sa.Column("returns_to", sa.String(), nullable=True))
    op.add_column("speak_request", sa.Column("absent_since", sa.DateTime(), nullable=True))
    op.create_index(
        op.f("ix_speak_request_absent_since"), "speak_request", ["absent_since"], unique=False
    )
