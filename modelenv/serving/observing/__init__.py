"""What operators see of a server: its log, and its metrics."""
