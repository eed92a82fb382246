"""Who wants to follow whom, of those who are protected."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the table; nobody has asked."""
    op.create_table(
        "follow_request",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("declined_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["person.id"],
                name=op.f(f"fk_follow_request_{column}"),
                ondelete="CASCADE",
            )
            for column in ("person_id", "other_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_follow_request")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f("uq_follow_request_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_follow_request_other_id"), "follow_request", ["other_id"])
