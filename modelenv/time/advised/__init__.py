"""Upgrades that move only what advisories name."""
