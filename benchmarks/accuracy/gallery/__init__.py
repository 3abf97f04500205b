"""The gallery of examples: each run as its reader does, proven elsewhere, set beside MLflow."""
