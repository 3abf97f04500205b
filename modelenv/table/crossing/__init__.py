"""Values as bytes that another interpreter makes the same values of, and nothing else."""
