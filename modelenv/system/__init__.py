"""Parts of the operating system that a model uses, and their packages, by dpkg and by tables."""
