"""The pins that are exported, and where the metadata of their distributions asks otherwise."""
