"""Diagnose why a saved model fails, and repair its requirements."""
