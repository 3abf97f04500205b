"""Our own version, in a file that costs nothing to read."""

VERSION = "0.1.0"
