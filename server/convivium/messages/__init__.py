"""What people write to one another alone: two by two, and in small groups.

Nobody reads a conversation but its members, whoever they are. Of each member is kept how they stand
to it and how far they have read; what is new leaves over the member's own stream.
"""
