"""Voice notes: sent, standing in posts, and held for moderators."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Make the tables; nobody has sent any."""
    op.create_table(
        "voice_note",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("levels", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_voice_note_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_voice_note")),
        sa.UniqueConstraint("id", name=op.f("uq_voice_note_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_voice_note_file"), "voice_note", ["file"])
    op.create_index("ix_voice_note_person_id", "voice_note", ["person_id", "used_at"])
    op.create_index("ix_voice_note_used_at", "voice_note", ["used_at", "uploaded_at"])
    op.create_table(
        "post_voice",
        sa.Column("post_number", sa.Integer(), nullable=False),
        sa.Column("voice_number", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.number"],
                name=op.f(f"fk_post_voice_{column}"),
                ondelete="CASCADE",
            )
            for column, table in (("post_number", "post"), ("voice_number", "voice_note"))
        ),
        sa.PrimaryKeyConstraint("post_number", name=op.f("pk_post_voice")),
        sa.UniqueConstraint("voice_number", name=op.f("uq_post_voice_voice_number")),
    )
    op.create_table(
        "held_voice_note",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("report_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_number"],
            ["report.number"],
            name=op.f("fk_held_voice_note_report_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_held_voice_note")),
        sa.UniqueConstraint("id", name=op.f("uq_held_voice_note_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_held_voice_note_file"), "held_voice_note", ["file"])
    op.create_index(op.f("ix_held_voice_note_report_number"), "held_voice_note", ["report_number"])
