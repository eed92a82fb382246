"""Posts, what people do with them, and what stands in timelines."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables; nobody has written anything."""
    _make_posts()
    _make_words()
    _make_acts()


def _make_posts() -> None:
    op.create_table(
        "post",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("quote_of", sa.Integer(), nullable=True),
        sa.Column("space_id", sa.String(), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("edited_at", sa.DateTime(), nullable=True),
        sa.Column("gone_at", sa.DateTime(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("likes", "reposts", "replies", "quotes")
        ),
        _of("post", "person_id", "person.id", ondelete="SET NULL"),
        _of("post", "reply_to", "post.number", ondelete="SET NULL"),
        _of("post", "quote_of", "post.number", ondelete="SET NULL"),
        _of("post", "space_id", "space.id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_post")),
        sa.UniqueConstraint("id", name=op.f("uq_post_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_post_person_id"), "post", ["person_id", "number"])
    op.create_index(op.f("ix_post_reply_to"), "post", ["reply_to", "number"])
    op.create_index(op.f("ix_post_quote_of"), "post", ["quote_of"])
    op.create_index(op.f("ix_post_space_id"), "post", ["space_id"])


def _make_words() -> None:
    op.create_table(
        "post_edit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        _of("post_edit", "post_number", "post.number"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_post_edit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_post_edit_post_number"), "post_edit", ["post_number"])
    op.create_table(
        "mention",
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        _of("mention", "post_number", "post.number"),
        _of("mention", "person_id", "person.id"),
        sa.PrimaryKeyConstraint("post_number", "person_id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_person_id"), "mention", ["person_id"])
    op.create_table(
        "post_tag",
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("post_number", sa.Integer(), nullable=False),
        _of("post_tag", "post_number", "post.number"),
        sa.PrimaryKeyConstraint("tag", "post_number", name=op.f("pk_post_tag")),
    )
    op.create_index(op.f("ix_post_tag_post_number"), "post_tag", ["post_number"])


def _make_acts() -> None:
    op.create_table(
        "post_like",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        _of("post_like", "post_number", "post.number"),
        _of("post_like", "person_id", "person.id"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_post_like")),
        sa.UniqueConstraint("post_number", "person_id", name=op.f("uq_post_like_post_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_post_like_person_id"), "post_like", ["person_id"])
    op.create_table(
        "timeline_entry",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("is_repost", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        _of("timeline_entry", "person_id", "person.id"),
        _of("timeline_entry", "post_number", "post.number"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_timeline_entry")),
        sa.UniqueConstraint(
            "post_number", "person_id", "is_repost", name=op.f("uq_timeline_entry_post_number")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_timeline_entry_person_id"), "timeline_entry", ["person_id", "number"])


def _of(
    table: str, column: str, other: str, *, ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [other], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )
