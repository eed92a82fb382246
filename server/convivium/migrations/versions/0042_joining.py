"""The waiting list, who made which invitation and who came by it, codes that staff give."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

# Which people staff look through, by which columns.
LOOKED_THROUGH = (
    ("created_at", ["created_at", "id"], "name IS NOT NULL"),
    ("role", ["role", "created_at", "id"], "role IS NOT NULL"),
    ("suspended_at", ["created_at", "id"], "suspended_at IS NOT NULL"),
)


def upgrade() -> None:
    """Make the tables and columns; nobody waits, and invitations until now are the operator's."""
    op.add_column("recovery_code", sa.Column("expires_at", sa.DateTime(), nullable=True))
    for name, columns, meant in LOOKED_THROUGH:
        where = sa.text(meant)
        op.create_index(
            f"ix_person_{name}", "person", columns, sqlite_where=where, postgresql_where=where
        )
    _remake_invitations()
    op.create_table(
        "came_by",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("invitation_number", sa.Integer(), nullable=False),
        _of_person("came_by"),
        sa.ForeignKeyConstraint(
            ["invitation_number"],
            ["sign_up_invitation.number"],
            name=op.f("fk_came_by_invitation_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_came_by")),
    )
    op.create_index(op.f("ix_came_by_invitation_number"), "came_by", ["invitation_number"])
    op.create_table(
        "waiting",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("refused_at", sa.DateTime(), nullable=True),
        _of_person("waiting"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_waiting")),
        sa.UniqueConstraint("person_id", name=op.f("uq_waiting_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_waiting_refused_at", "waiting", ["refused_at", "number"])
    op.create_index(op.f("ix_waiting_since"), "waiting", ["since"])


def _remake_invitations() -> None:
    """Number the invitations: who came by one refers to it, and its secret is for nobody to see."""
    connection = op.get_bind()
    old = connection.execute(
        sa.text("SELECT secret_hash, uses_left, expires_at FROM sign_up_invitation")
    ).all()
    op.drop_table("sign_up_invitation")
    op.create_table(
        "sign_up_invitation",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
            name=op.f("fk_sign_up_invitation_made_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sign_up_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_up_invitation_secret_hash")),
        sqlite_autoincrement=True,
    )
    for column in ("made_by", "expires_at"):
        op.create_index(op.f(f"ix_sign_up_invitation_{column}"), "sign_up_invitation", [column])
    # When one was made is not known; how often it was used neither.
    for secret_hash, uses_left, expires_at in old:
        connection.execute(
            sa.text(
                "INSERT INTO sign_up_invitation"
                " (secret_hash, note, uses, uses_left, created_at, expires_at)"
                " VALUES (:secret_hash, '', :uses_left, :uses_left, :expires_at, :expires_at)"
            ),
            {"secret_hash": secret_hash, "uses_left": uses_left, "expires_at": expires_at},
        )


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id"), ondelete="CASCADE"
    )
