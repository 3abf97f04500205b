"""The rules by which an old model lives again."""
