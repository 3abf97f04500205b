"""Observation of a server: its log, and its metrics."""
