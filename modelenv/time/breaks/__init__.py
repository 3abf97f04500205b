"""Which versions of a library no longer read, or read otherwise, what older ones pickled."""
