"""Pictures in posts."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make the table; no post has any."""
    op.create_table(
        "post_picture",
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("picture_number", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_number"],
                [f"{table}.number"],
                name=op.f(f"fk_post_picture_{table}_number"),
                ondelete="CASCADE",
            )
            for table in ("post", "picture")
        ),
        sa.PrimaryKeyConstraint("post_number", "place", name=op.f("pk_post_picture")),
        sa.UniqueConstraint("picture_number", name=op.f("uq_post_picture_picture_number")),
    )
