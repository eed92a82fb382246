"""What lies on the table beside the sound: short lines, and what was put there for all.

Rows say what is so. Of every live space the end of it is remembered (`boards.py`), so that telling
it to an audience costs no look at the database, however many people write.
"""
