"""Addresses for mail, and those that people have still to show to be theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Make the tables; nobody has an address yet."""
    op.create_table(
        "email_address",
        *_whose_and_where("email_address"),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
        sa.Column("unsubscribe_key", sa.String(), nullable=False),
        sa.UniqueConstraint("unsubscribe_key", name=op.f("uq_email_address_unsubscribe_key")),
    )
    op.create_table(
        "email_claim",
        *_whose_and_where("email_claim"),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_email_claim_secret_hash")),
    )
    op.create_index(op.f("ix_email_claim_expires_at"), "email_claim", ["expires_at"])


def _whose_and_where(table: str) -> list[SchemaItem]:
    return [
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f(f"fk_{table}_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f(f"pk_{table}")),
    ]
