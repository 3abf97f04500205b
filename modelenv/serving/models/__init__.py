"""The served models: opened, hosted under their names, replaced."""
