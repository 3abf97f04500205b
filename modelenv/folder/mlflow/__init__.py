"""Folders that MLflow wrote, and MLflow's own settings for any folder."""
