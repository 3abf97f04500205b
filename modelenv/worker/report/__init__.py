"""Reports of workers: read within limits, and checked against one table of events."""
