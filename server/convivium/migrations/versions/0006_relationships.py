"""Who follows, blocks and mutes whom."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the three tables, which look alike."""
    for table in ("follow", "block", "mute"):
        op.create_table(
            table,
            sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
            sa.Column("person_id", sa.String(), nullable=False),
            sa.Column("other_id", sa.String(), nullable=False),
            sa.Column("since", sa.DateTime(), nullable=False),
            sa.ForeignKeyConstraint(
                ["person_id"],
                ["person.id"],
                name=op.f(f"fk_{table}_person_id"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                ["other_id"], ["person.id"], name=op.f(f"fk_{table}_other_id"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("person_id", "other_id", name=op.f(f"uq_{table}_person_id")),
            sqlite_autoincrement=True,
        )
        op.create_index(op.f(f"ix_{table}_other_id"), table, ["other_id"], unique=False)
