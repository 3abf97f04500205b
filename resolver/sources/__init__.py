"""Where candidates come from, behind one Protocol."""
