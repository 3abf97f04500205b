"""How values and errors are told outside a terminal: as HTML, and by stable codes."""
