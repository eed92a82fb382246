"""Whom somebody followed last is found by an index, however many follow at all."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_follow_person_id_number", "follow", ["person_id", "number"])
