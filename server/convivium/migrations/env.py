"""How Alembic reaches the database: by a connection and a transaction of `core/migrate.py`."""

from alembic import context

# A batch rebuilds tables, since SQLite cannot alter most things.
context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
