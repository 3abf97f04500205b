"""Run the pieces of a run over files on a Dask, Ray or Spark cluster."""
