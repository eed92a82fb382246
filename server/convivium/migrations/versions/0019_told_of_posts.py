"""What people are told can be about a post."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the column; nothing that was told so far was."""
    # A batch makes the table anew: numbers must go on being given once.
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("notification", table_kwargs=kept) as table:
        table.add_column(sa.Column("post_number", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_notification_post_number"),
            "post",
            ["post_number"],
            ["number"],
            ondelete="CASCADE",
        )
        table.create_index(op.f("ix_notification_post_number"), ["post_number"])
