"""Code that several subcommands share, besides the options of a run."""
