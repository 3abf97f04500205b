"""The rules by which an old model is revived."""
