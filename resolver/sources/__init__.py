"""Sources of candidates, behind one Protocol."""
