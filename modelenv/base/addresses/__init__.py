"""Addresses: of models, of the hosts that a user knows, and what of one is secret."""
