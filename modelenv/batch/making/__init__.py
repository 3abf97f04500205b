"""The parts that a driver derives from a model folder for an engine's nodes."""
