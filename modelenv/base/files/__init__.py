"""File operations on folders that others may write to, and temporary folders."""
