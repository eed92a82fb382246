"""Who somebody is at a provider elsewhere, and letters by which a new password is set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Make the tables, and find addresses however their letters are written."""
    op.create_table(
        "identity",
        sa.Column("id", sa.String(), nullable=False),
        *_whose("identity"),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_identity_person_id")),
    )
    op.create_table(
        "password_reset",
        *_whose("password_reset"),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_password_reset_secret_hash")),
    )
    op.create_index(op.f("ix_password_reset_expires_at"), "password_reset", ["expires_at"])
    op.add_column(
        "email_address", sa.Column("small", sa.String(), nullable=False, server_default="")
    )
    op.execute("UPDATE email_address SET small = lower(address)")
    op.create_index(op.f("ix_email_address_small"), "email_address", ["small"])


def _whose(table: str) -> list[SchemaItem]:
    return [
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f(f"fk_{table}_person_id"),
            ondelete="CASCADE",
        ),
    ]
