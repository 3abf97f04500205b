"""What several subcommands have in common besides options of one run."""
