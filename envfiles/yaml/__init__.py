"""YAML with an address for every value, and edits that keep every other byte."""
