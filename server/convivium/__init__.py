"""Convivium's control plane: decides who may do what, remembers it, and never touches an audio packet."""

__version__ = "0.1.0"
