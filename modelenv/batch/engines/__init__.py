"""How the pieces of a run over files are done on a cluster of Dask's, Ray's or Spark's."""
