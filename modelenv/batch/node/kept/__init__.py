"""Files kept on a node: its folder, its locks, the files of models."""
