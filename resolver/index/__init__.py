"""Access to package indexes: requests, pages, and their cache."""
