"""Read a failure out of a verdict, or out of whatever text people paste."""
