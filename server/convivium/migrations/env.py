"""How Alembic reaches the database: given by `core/migrate.py`, or by `alembic -x data=FOLDER`."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, event

engine = create_engine(context.config.get_main_option("sqlalchemy.url", ""))


@event.listens_for(engine, "connect")
def leave_beginning_to_us(connection: Any, _record: object) -> None:  # noqa: ANN401
    """The driver begins nothing before DDL: a migration cut short would stay half done."""
    connection.isolation_level = None


@event.listens_for(engine, "begin")
def begin(connection: Any) -> None:  # noqa: ANN401
    """Be the only writer from the first look to the last change."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.begin() as connection:
    # A batch rebuilds tables, since SQLite cannot alter most things.
    context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
