"""Folders that MLflow wrote, and what MLflow's own settings say of any."""
