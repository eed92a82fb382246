"""How turns are given: rules of the floor, turns, places in line, and seats that wait for a yes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables and columns; requests keep the order in which they were made."""
    op.add_column("seat", sa.Column("confirm_by", sa.DateTime(), nullable=True))
    op.add_column("seat", sa.Column("turn_ends_at", sa.DateTime(), nullable=True))
    op.add_column("seat", sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.create_index(op.f("ix_seat_confirm_by"), "seat", ["confirm_by"], unique=False)
    op.create_index(op.f("ix_seat_turn_ends_at"), "seat", ["turn_ends_at"], unique=False)
    op.add_column(
        "speak_request", sa.Column("position", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "speak_request",
        sa.Column("is_ready", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE speak_request SET position = number")
    op.create_table(
        "floor",
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("turn_seconds", sa.Integer(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("account_age_hours", sa.Integer(), nullable=False),
        sa.Column("followers_only", sa.Boolean(), nullable=False),
        sa.Column("slow_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_floor_space_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_floor")),
    )
    op.create_table(
        "turn",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("spoke", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        *_of_space_and_person("turn"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_turn")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_turn_space_id"), "turn", ["space_id"], unique=False)
    op.create_index(op.f("ix_turn_person_id"), "turn", ["person_id"], unique=False)
    op.create_table(
        "last_asked",
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        *_of_space_and_person("last_asked"),
        sa.PrimaryKeyConstraint("space_id", "person_id", name=op.f("pk_last_asked")),
    )


def _of_space_and_person(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f(f"fk_{table}_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f(f"fk_{table}_space_id"), ondelete="CASCADE"
        ),
    )
