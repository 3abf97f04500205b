"""The locked environments of an image: each file of the two, with its digest."""
