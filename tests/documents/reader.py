"""A Python that is told the blocks of a page one by one; it runs as a program of its own.

It reads a line of JSON for each on its standard input, and answers with one on the descriptor that
it is given: nothing, or the traceback. What the block prints is printed. Examples with `>>>` are
compared as those of docstrings are.
"""

import doctest
import json
import linecache
import os
import sys
import traceback
from typing import Any


def _run(text: str, place: str, language: str, names: dict[str, Any]) -> str:
    if ">>> " in text:
        options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        test = doctest.DocTestParser().get_doctest(text, names, place, place, 0)
        told: list[str] = []
        runner = doctest.DocTestRunner(optionflags=options)
        runner.run(test, out=told.append, clear_globs=False)
        names.update(test.globs)
        return "".join(told) if runner.failures else ""
    if language == "ipython":
        from IPython.core.interactiveshell import (  # type: ignore[import-not-found,unused-ignore]
            InteractiveShell,
        )

        shell = InteractiveShell.instance(user_ns=names)
        return str(shell.run_cell(text).error_in_exec or "")
    # As of a file, so that the functions in it have a source.
    linecache.cache[place] = (len(text), None, text.splitlines(True), place)
    try:
        exec(compile(text, place, "exec"), names)
    except BaseException:  # noqa: BLE001  # it is told, whatever a block raises
        return traceback.format_exc()
    return ""


def _main(answers: int) -> None:
    names = sys.modules["__main__"].__dict__
    for line in sys.stdin:
        told = json.loads(line)
        said = _run(told["text"], told["place"], told["of"], names)
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(answers, json.dumps(said).encode() + b"\n")


_main(int(sys.argv[1]))
