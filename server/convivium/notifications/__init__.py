"""What one is told outside the room: invitations, reminders, what became of a space, who follows.

Rows are written inside the transaction of what they tell of, by subscribers and by jobs; nobody to
the right knows of them. The same kind about the same thing is one row, which moves to the top.
"""
