"""The routes, and what stands around every request."""
