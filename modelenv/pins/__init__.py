"""The pinned set of a folder: the sources of its files, the reasons of its pins, its changes."""
