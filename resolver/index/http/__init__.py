"""Questions to servers that may answer anything: bounded in bytes, in seconds, in redirects."""
