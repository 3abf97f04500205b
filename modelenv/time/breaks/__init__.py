"""Library versions that fail to read, or read otherwise, pickles of older versions."""
