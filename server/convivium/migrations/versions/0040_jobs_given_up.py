"""Which jobs were given up, and which are being done, is found by an index."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_job_attempts", "job", ["attempts", "number"])
    op.create_index(op.f("ix_job_leased_until"), "job", ["leased_until"])
