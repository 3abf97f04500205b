"""Metadata read from files that anybody may have made."""
