"""Environments that are built once, what they hold, and predictions in them."""
