"""Images: a model folder, its pins and its server as layers, by a builder or without one."""
