"""The base image: read from a layout, and verified against its digests."""
