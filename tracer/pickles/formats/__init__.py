"""What a file is by its first bytes, and what is read of it before any pickle."""
