"""Files written beside an exported model to run with it. They need the standard library alone."""
