"""What is installed in an image: each file of its two environments, with its hash."""
