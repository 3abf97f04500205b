"""The models that are served: opened, hosted under their names, replaced."""
