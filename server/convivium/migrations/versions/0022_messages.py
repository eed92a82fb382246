"""Conversations, how people stand to them, and what is written there."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    _make_members()
    _make_messages()


def _make_members() -> None:
    table = "conversation_member"
    op.create_table(
        table,
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        _reference(table, "conversation_id", "conversation", "CASCADE"),
        _reference(table, "person_id", "person", "CASCADE"),
        _reference(table, "other_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("conversation_id", "person_id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f(f"uq_{table}_person_id")),
    )
    op.create_index(f"ix_{table}_person_id", table, ["person_id", "standing", "last_at"])
    op.create_index(f"ix_{table}_standing", table, ["standing", "last_at"])
    op.create_index(op.f(f"ix_{table}_other_id"), table, ["other_id"])


def _make_messages() -> None:
    op.create_table(
        "message",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("about_id", sa.String(), nullable=True),
        sa.Column("space_id", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        _reference("message", "conversation_id", "conversation", "CASCADE"),
        _reference("message", "person_id", "person", "CASCADE"),
        _reference("message", "about_id", "person", "SET NULL"),
        _reference("message", "space_id", "space", "SET NULL"),
        sa.PrimaryKeyConstraint("conversation_id", "number", name=op.f("pk_message")),
    )
    for column in ("person_id", "about_id", "space_id"):
        op.create_index(op.f(f"ix_message_{column}"), "message", [column])


def _reference(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)
