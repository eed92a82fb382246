"""Plumbing of what people see of a space as it happens; it knows no feature.

Each feature says in its `view.py` which part of a space it shows; `app.py` lists the parts. Here
the parts are loaded, compared with what was told last, and every difference becomes a numbered
event for its audience, carried by data channels and event streams. Since events are differences
between what was told and what is so, none can be forgotten, and their order cannot go wrong.
"""
