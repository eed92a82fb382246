"""Reactions: what a whole audience says without a word, as sums.

Most are counted in the engine, from data channels, and come as sums; the others by HTTP. Who
reacted is not kept, and totals live as long as the space is live in this process.
"""
