"""The defaults of a project: where they stand, and what they may say."""
