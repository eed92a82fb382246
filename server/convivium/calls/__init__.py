"""Signalling: an SDP offer becomes a peer of the engine, for as long as its person may be there.

A call lives in memory only; who may speak is rows. Gates follow the rows whenever one of the two
changes, and a door that shuts is shut in the engine before the answer leaves.
"""
