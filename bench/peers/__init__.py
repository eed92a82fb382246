"""Other servers on the same machine in the same minutes: `make bench-peers`.

One module for each server: it runs the real program with a configuration of its own, lets
listeners in, and says how much processor time it took. What they share stands beside them: the
packages they come from, a process, the sound all of them carry.
"""
