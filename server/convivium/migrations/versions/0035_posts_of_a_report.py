"""All posts that somebody reported of one person, not only the last."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Let the one post become the first of a list."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT number, post_id, post FROM report WHERE post IS NOT NULL")
    ).all()
    op.execute("ALTER TABLE report RENAME COLUMN post TO posts")
    op.drop_column("report", "post_id")
    for number, post_id, post in rows:
        said = json.loads(post) if isinstance(post, str) else post
        if said is not None:
            connection.execute(
                sa.text("UPDATE report SET posts = :posts WHERE number = :number"),
                {"posts": json.dumps([{"id": post_id, **said}]), "number": number},
            )
