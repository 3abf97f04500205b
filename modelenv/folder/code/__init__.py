"""First-party code: which files of it travel, and to which import paths."""
