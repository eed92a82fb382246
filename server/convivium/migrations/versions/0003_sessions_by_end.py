"""Sessions that are over are found without looking at all."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the index."""
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False)
