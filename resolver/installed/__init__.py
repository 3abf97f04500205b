"""What is installed: distributions, their files and who owns them."""
