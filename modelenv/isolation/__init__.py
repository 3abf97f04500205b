"""Where a model runs apart from us: processes, replicas, built environments."""
