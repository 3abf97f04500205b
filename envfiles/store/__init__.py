"""Folders are put where they belong, all or nothing."""
