"""The image that everything stands on: read from a layout, and compared with what it says."""
