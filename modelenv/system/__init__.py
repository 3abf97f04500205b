"""The parts of the operating system that a model uses, and the Debian packages they are in."""
