"""What a node keeps: its folder, its locks, the files of models."""
