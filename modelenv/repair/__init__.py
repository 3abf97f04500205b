"""Say why a saved model fails, and mend it."""
