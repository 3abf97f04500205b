"""Vulnerabilities of the versions that a fleet pins."""
