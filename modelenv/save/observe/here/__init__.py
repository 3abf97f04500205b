"""Facts of this process that another one, which loads the model alone, does not share."""
