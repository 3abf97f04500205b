"""Code that several subcommands share, except the options of a run."""
