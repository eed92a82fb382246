"""Letters lead where the settings say, not where whoever asked for them met this server."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Forget how browsers named this server."""
    for table in ("email_address", "email_claim"):
        op.drop_column(table, "site")
