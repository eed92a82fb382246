"""Who was invited by which link; and whoever is forgotten is found without reading whole tables."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

OF_PEOPLE = ("co_host", "invitation", "last_asked", "link_use", "reminder", "removal")


def upgrade() -> None:
    """Make the table, and the indexes."""
    op.create_table(
        "link_use",
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["invitation_link.id"],
            name=op.f("fk_link_use_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_link_use_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("link_id", "person_id", name=op.f("pk_link_use")),
    )
    for table in OF_PEOPLE:
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"], unique=False)
