"""A living instance for a newcomer: marked people, and a live space in which their voices talk.

The voices are synthesised; nobody real speaks. Demo people have no password, so nobody can sign in
as one of them. The turns are taken by the server while it runs.
"""
