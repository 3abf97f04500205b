"""What an image needs of Debian: by what was seen, and by what compiled files link to."""
