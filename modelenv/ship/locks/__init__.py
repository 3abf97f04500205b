"""The locked environments of an image, every file with its digest."""
