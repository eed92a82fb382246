"""What administrators call the instance, how it looks, and its sign."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Make the tables; everything is as we made it."""
    op.create_table(
        "branding",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("colours", sa.JSON(), nullable=False),
        sa.Column("logo", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name="there_is_one"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branding")),
    )
    op.create_table(
        "logo_file",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_logo_file")),
    )
