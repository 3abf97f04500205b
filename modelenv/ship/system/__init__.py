"""Debian packages that an image needs, from the trace and from links of compiled files."""
