"""What people say of themselves, what staff say of them, and what names look like."""

import sqlalchemy as sa
from alembic import op

from convivium.accounts.likeness import likeness

revision = "0026"
down_revision = "0025"

NEW = ("badge", "picture", "likeness", "name_likeness")
AT_ONCE = 500


def upgrade() -> None:
    """Make the table and the columns; those who are here keep their names, and are compared."""
    op.create_table(
        "profile",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("bio", sa.String(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_profile_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profile")),
    )
    for name in NEW:
        op.add_column("person", sa.Column(name, sa.String(), nullable=True))
    _compare()
    for name in ("likeness", "name_likeness"):
        op.create_index(op.f(f"ix_person_{name}"), "person", [name])


def _compare() -> None:
    person = sa.table(
        "person", *(sa.column(n, sa.String()) for n in ("id", "name", "display_name", *NEW))
    )
    connection = op.get_bind()
    people = connection.execute(
        sa.select(person.c.id, person.c.name, person.c.display_name).where(
            person.c.name.is_not(None)
        )
    ).all()
    change = (
        sa.update(person)
        .where(person.c.id == sa.bindparam("whose"))
        .values(likeness=sa.bindparam("shown"), name_likeness=sa.bindparam("named"))
    )
    for first in range(0, len(people), AT_ONCE):
        rows = [
            {"whose": p.id, "shown": likeness(p.display_name), "named": likeness(p.name)}
            for p in people[first : first + AT_ONCE]
        ]
        connection.execute(change, rows)
