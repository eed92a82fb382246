"""Convivium's control plane: decides who may do what and remembers it; no audio passes here."""

__version__ = "0.1.0"
