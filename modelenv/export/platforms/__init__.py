"""What starts models elsewhere: Ray, containers for development, BentoML and MLServer."""
