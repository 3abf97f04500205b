"""Models loaded into this interpreter, and the protection of their folders."""
