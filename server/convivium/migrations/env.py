"""How Alembic reaches the database: given by `core/migrate.py`, or by `alembic -x data=FOLDER`."""

from alembic import context
from sqlalchemy import create_engine

engine = create_engine(context.config.get_main_option("sqlalchemy.url", ""))
with engine.begin() as connection:
    # A batch rebuilds tables, since SQLite cannot alter most things.
    context.configure(connection=connection, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
