"""What a model uses of the operating system, and which package brings it, by dpkg and by tables."""
