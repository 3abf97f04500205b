"""A model tried with other pins and another Python than its own: built, run, compared, kept."""
