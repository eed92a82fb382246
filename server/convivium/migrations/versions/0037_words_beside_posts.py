"""PostgreSQL: what a post says in words stands beside it, and the planner knows how common each is.

A common word is found by going through the newest posts, a rare one by the index. Of a function of
the row alone it thinks that every word is rare, and sorts all that has a common one.
"""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Add the column, and the index over it."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP INDEX search_post")
    op.execute(
        "ALTER TABLE post ADD COLUMN search_said tsvector"
        " GENERATED ALWAYS AS (search_post(text)) STORED"
    )
    op.execute("CREATE INDEX search_post ON post USING gin (search_said) WHERE gone_at IS NULL")
