"""One answer for several targets: as few versions of a name as can be, parted by markers."""
