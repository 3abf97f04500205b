"""Addresses of models and of hosts, and the secrets that an address may contain."""
