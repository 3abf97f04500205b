"""From what processes recorded to one trace."""
