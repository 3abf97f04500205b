"""Environments in which workers run: replicas of what is installed, and built ones."""
