"""A model over more rows than fit into memory: in this process, and on engines."""
