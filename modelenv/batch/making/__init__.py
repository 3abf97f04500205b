"""What a driver makes of a model folder for an engine's nodes."""
