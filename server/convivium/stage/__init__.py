"""Who may speak now: seats and roles, the queue of those who ask, and who is muted.

A seat is a row, so that roles and mutes hold over a restart; `calls` opens and closes the engine's
gates to match. Whether somebody in a seat has a call is written down here by `calls`.
"""
