"""When a space is meant to start, and who wants to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make columns, index and table; nothing was scheduled before."""
    op.add_column("space", sa.Column("starts_at", sa.DateTime(), nullable=True))
    op.add_column(
        "space", sa.Column("sequence", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index("ix_space_starts_at", "space", ["state", "starts_at"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_reminder_space_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", "person_id", name=op.f("pk_reminder")),
    )
