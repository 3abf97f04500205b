"""The records of processes, read and joined into one trace."""
