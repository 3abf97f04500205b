"""How an engine calls a model that has travelled to it."""
