"""What each kind of database does in a way of its own; all that is alike is in `core/database.py`.

`kind.py` says what a kind has to do; `sqlite.py` and `postgres.py` are the two there are.
"""
