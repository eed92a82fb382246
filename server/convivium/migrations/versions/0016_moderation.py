"""Suspensions, reports and cases, warnings, and the log of what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

NEVER_REWRITTEN = "what was done is never rewritten"


def upgrade() -> None:
    """Make the columns and the tables; nobody was suspended."""
    op.add_column("person", sa.Column("suspended_at", sa.DateTime(), nullable=True))
    op.add_column("person", sa.Column("suspended_until", sa.DateTime(), nullable=True))
    _make_cases()
    _make_answers()
    _make_log()


def _make_cases() -> None:
    op.create_table(
        "moderation_case",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("space_id", sa.String(), nullable=True),
        sa.Column("host_id", sa.String(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        _of("moderation_case", "person_id", "person", ondelete="SET NULL"),
        _of("moderation_case", "space_id", "space", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_moderation_case")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_moderation_case_subject"),
        "moderation_case",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        op.f("ix_moderation_case_settled_at"),
        "moderation_case",
        ["settled_at", "urgent", "last_at"],
    )
    op.create_index(op.f("ix_moderation_case_person_id"), "moderation_case", ["person_id"])
    op.create_index(op.f("ix_moderation_case_space_id"), "moderation_case", ["space_id"])
    op.create_index(op.f("ix_moderation_case_host_id"), "moderation_case", ["host_id"])
    op.create_table(
        "report",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("scene", sa.JSON(), nullable=True),
        _of("report", "case_number", "moderation_case", "number", ondelete="CASCADE"),
        _of("report", "by", "person", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_report")),
        sa.UniqueConstraint("case_number", "by", name=op.f("uq_report_case_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_by"), "report", ["by"])


def _make_answers() -> None:
    for table, more in (
        ("warning", ()),
        (
            "suspension",
            (
                sa.Column("until", sa.DateTime(), nullable=True),
                sa.Column("is_over", sa.Boolean(), nullable=False),
                sa.Column("appeal", sa.String(), nullable=True),
                sa.Column("appealed_at", sa.DateTime(), nullable=True),
            ),
        ),
    ):
        op.create_table(
            table,
            sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
            sa.Column("person_id", sa.String(), nullable=False),
            sa.Column("by", sa.String(), nullable=False),
            sa.Column("at", sa.DateTime(), nullable=False),
            sa.Column("words", sa.String(), nullable=False),
            *more,
            _of(table, "person_id", "person", ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{table}")),
            sqlite_autoincrement=True,
        )
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])


def _make_log() -> None:
    """Make the log, which the database itself keeps as it was written."""
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("space_id", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entry_space_id"), "audit_entry", ["space_id", "number"])
    if op.get_bind().dialect.name == "postgresql":
        _guard_log_in_postgres()
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER_REWRITTEN}'); END"
        )


def _guard_log_in_postgres() -> None:
    op.execute(
        "CREATE FUNCTION never_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{NEVER_REWRITTEN}' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$"
    )
    for act in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry"
            " FOR EACH STATEMENT EXECUTE FUNCTION never_rewritten()"
        )


def _of(
    table: str, column: str, other: str, key: str = "id", *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.{key}"], name=name, ondelete=ondelete)
