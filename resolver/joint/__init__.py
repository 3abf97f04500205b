"""One answer for several targets: as few versions of a name as possible, separated by markers."""
