"""From modules to distributions: which ones ran, of which kind, on whose behalf."""
