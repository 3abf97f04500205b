"""``python -m modelenv``: the command."""

from .cli import main

main()
