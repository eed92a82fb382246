"""Lines of text beside the sound, what is shared on the table, and who may write."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "chat",
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("writers", sa.String(), nullable=False),
        sa.Column("slow_seconds", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        _of("chat", "space"),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_chat")),
    )
    op.create_table(
        "chat_line",
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        _of("chat_line", "space"),
        _of("chat_line", "person"),
        sa.PrimaryKeyConstraint("space_id", "number", name=op.f("pk_chat_line")),
    )
    op.create_index(
        op.f("ix_chat_line_person_id"), "chat_line", ["person_id", "space_id", "number"]
    )
    op.create_index(
        op.f("ix_chat_line_taken_at"),
        "chat_line",
        ["space_id", "taken_at"],
        sqlite_where=sa.text("taken_at IS NOT NULL"),
        postgresql_where=sa.text("taken_at IS NOT NULL"),
    )
    op.create_table(
        "shared_item",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("space_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("shared_at", sa.DateTime(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        _of("shared_item", "space"),
        _of("shared_item", "person"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shared_item")),
        sa.UniqueConstraint("id", name=op.f("uq_shared_item_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shared_item_space_id"), "shared_item", ["space_id"], unique=False)
    op.create_index(op.f("ix_shared_item_person_id"), "shared_item", ["person_id"], unique=False)


def _of(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{other}_id"),
        ondelete="CASCADE",
    )
