"""How people want to be told, by which bells, and what leaves by push."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make the tables; everybody is told as everybody is."""
    op.add_column(
        "notification",
        sa.Column("in_app", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    _make_settings()
    _make_bells()
    _make_pushes()
    _make_deliveries()


def _person(table: str, column: str = "person_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["person.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def _make_settings() -> None:
    op.create_table(
        "notification_setting",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.JSON(), nullable=False),
        _person("notification_setting"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_setting")),
    )


def _make_bells() -> None:
    op.create_table(
        "bell",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        _person("bell"),
        _person("bell", "other_id"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_bell")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f("uq_bell_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bell_other_id"), "bell", ["other_id"])
    op.create_index("ix_bell_other_id_person_id", "bell", ["other_id", "person_id"])


def _make_pushes() -> None:
    texts = ("session_id", "endpoint", "p256dh", "auth", "site", "browser", "system")
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("since", sa.DateTime(), nullable=False),
        _person("push_subscription"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_push_subscription_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscription_endpoint")),
    )
    for column in ("person_id", "session_id"):
        op.create_index(op.f(f"ix_push_subscription_{column}"), "push_subscription", [column])
    op.create_table(
        "push_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("private", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_key")),
    )


def _make_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("notification_number", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        _person("delivery"),
        sa.ForeignKeyConstraint(
            ["notification_number"],
            ["notification.number"],
            name=op.f("fk_delivery_notification_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "notification_number", "told_at", "door", name=op.f("uq_delivery_notification_number")
        ),
    )
    op.create_index(op.f("ix_delivery_person_id"), "delivery", ["person_id"])
