"""Lists in other forms than pip's lines: projects, locks, scripts; each read as lines."""
