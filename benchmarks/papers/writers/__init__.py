"""What each tool writes: one module a tool, with its pins and its documents."""
