"""The server for a unit of models in their own Python: run by path, standard library only."""
