"""First-party code: the files that travel, and their import paths."""
