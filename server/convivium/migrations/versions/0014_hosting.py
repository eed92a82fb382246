"""Who may host, and who may sign up."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the column and the tables; nobody's account was protected."""
    protected: sa.Column[bool] = sa.Column(
        "protected", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("person", protected)
    op.create_table(
        "group_member",
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_member_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_name", "person_id", name=op.f("pk_group_member")),
    )
    op.create_index(op.f("ix_group_member_person_id"), "group_member", ["person_id"], unique=False)
    op.create_table(
        "sign_up_invitation",
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_sign_up_invitation")),
    )
