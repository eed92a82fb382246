"""Who you are: people with an account and guests, their sessions and tokens, and how one gets in.

A session is an opaque row that every request looks up, so that signing out sticks at once.
"""
