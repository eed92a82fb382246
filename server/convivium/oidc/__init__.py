"""Signing in by a provider elsewhere (OpenID Connect): there and back, and what that is worth.

A provider is asked over connections with bounds and signs what it says; whose account that opens
is decided by `accounts`, from the issuer and the subject alone.
"""
