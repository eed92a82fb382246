"""Reactions: what a whole audience says without a word, as sums.

Most are counted in the engine, from data channels, and come as sums; the others by HTTP. Who
reacted is not kept, but for those on the stage, whom everybody sees. Totals live as long as the
space is live in this process.
"""
