"""``python -m modelenv``: the command."""

import os
import sys

# Whoever looks at a stranger's model may stand in its folder, whose json.py is not to be run.
if sys.path[:1] == [os.getcwd()]:  # noqa: PTH109  # pathlib would be imported from there
    del sys.path[0]

from .cli import main

main()
