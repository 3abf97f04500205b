"""How indexes are reached, and how their pages are read and kept."""
