"""What is shown of pages elsewhere that posts link to."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Make the tables; no post shows any so far."""
    op.create_table(
        "link_card",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=True),
        sa.Column("picture_width", sa.Integer(), nullable=False),
        sa.Column("picture_height", sa.Integer(), nullable=False),
        sa.Column("good_until", sa.DateTime(), nullable=False),
        sa.Column("kept_until", sa.DateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_link_card")),
        sa.UniqueConstraint("id", name=op.f("uq_link_card_id")),
        sa.UniqueConstraint("url", name=op.f("uq_link_card_url")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_card_picture"), "link_card", ["picture"])
    op.create_index(op.f("ix_link_card_kept_until"), "link_card", ["kept_until"])
    op.create_table(
        "post_link_card",
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("card_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_number"],
            ["post.number"],
            name=op.f("fk_post_link_card_post_number"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["card_number"],
            ["link_card.number"],
            name=op.f("fk_post_link_card_card_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_number", name=op.f("pk_post_link_card")),
    )
    op.create_index(op.f("ix_post_link_card_card_number"), "post_link_card", ["card_number"])
