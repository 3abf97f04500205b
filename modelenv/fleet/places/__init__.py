"""Which models are meant: folders, globs, lists, the folders of MLflow's tracking."""
