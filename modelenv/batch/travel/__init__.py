"""What travels to an engine's processes, and how it arrives."""
