"""Requirements: layers of lines, merged into one set."""
