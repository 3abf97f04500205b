"""Send our code to an engine's processes, and lay it out there."""
