"""Which version of which distribution lies between two sets of pins and their predictions."""
