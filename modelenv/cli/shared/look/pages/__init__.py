"""The pages of what commands report, a module for each kind of command."""
