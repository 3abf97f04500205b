"""The documents of a model folder, read with checked types: malformed ones give clear errors."""
