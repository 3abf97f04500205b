"""Code that travels into the build of an image: the standard library alone, for Python 3.8."""
