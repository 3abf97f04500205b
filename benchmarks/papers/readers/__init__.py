"""What each tool reads of ours: one module a tool, with its pins and its commands."""
