"""The commands for old models: revive, upgrade, bisect."""
