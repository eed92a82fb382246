"""Who follows, blocks and mutes whom: what one person says about another, wherever the two meet.

What follows from it is decided elsewhere: who is let in by `spaces`, who may speak by `stage`.
"""
