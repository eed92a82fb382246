"""Pictures that people send."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Make the table; nobody has sent any."""
    op.create_table(
        "picture",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_picture_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_picture")),
        sa.UniqueConstraint("id", name=op.f("uq_picture_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_picture_file"), "picture", ["file"])
    op.create_index("ix_picture_person_id", "picture", ["person_id", "used_at"])
    op.create_index("ix_picture_used_at", "picture", ["used_at", "uploaded_at"])
