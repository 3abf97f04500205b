"""Finding models: folders, globs, lists, MLflow's tracking folders."""
