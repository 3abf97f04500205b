"""What a document of a model folder says, read by its types: whatever stands there is an answer."""
