"""Values as bytes that another interpreter can only turn into the same values."""
