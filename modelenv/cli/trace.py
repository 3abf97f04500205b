"""``modelenv trace [-o FILE] SCRIPT [ARGUMENT]...``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..base.errors import WrongUseError
from ..base.siblings import tracer
from .options import PATH, check_output

_OURS_WITH_A_VALUE = ("-o", "--output")
_TAKES_THE_REST = ("-m", "-c")


class _Tracing(click.Command):
    """A command whose options end where the program begins: what follows is the program's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return what is left of our own options; the program's words are none."""
        ours, ctx.meta["program"] = _split(args)
        return super().parse_args(ctx, ours)

    def own_words(self, args: list[str]) -> list[str]:
        """Return those of the words that are not the program's."""
        return _split(args)[0]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces, with what begins a program."""
        return [
            *super().collect_usage_pieces(ctx),
            "(SCRIPT | -m MODULE | -c CODE)",
            "[ARGUMENT]...",
        ]


@click.command(cls=_Tracing)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Write JSON Lines there.")
@click.option("--tree", is_flag=True, help="Show who imported whom, not the time each took.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON Lines.")
@click.pass_context
def trace(ctx: click.Context, output: Path | None, *, tree: bool, as_json: bool) -> None:
    """Show what a program imports, for whom, and what else it touches.

    The program runs as Python itself would run it: its arguments, output and exit code are its
    own. The report goes to standard error, since standard output is the program's.

    \b
    Examples:
      modelenv trace train.py --epochs 3        what each import took
      modelenv trace --tree -m package.tool     who imported whom
      modelenv trace -o trace.jsonl train.py    all of it, one JSON document a line
    """
    program = ctx.meta["program"]
    if not program:
        raise click.UsageError("name a script, -m MODULE or -c CODE", ctx)
    if sys.flags.ignore_environment or sys.flags.no_site:
        raise WrongUseError("an interpreter that is started with -I, -E or -S cannot be entered")
    check_output(output)
    code, seen = tracer.trace_program(program)
    if output is not None:
        output.write_text(seen.to_jsonl(), "utf-8")
    elif as_json:
        click.echo(seen.to_jsonl(), nl=False, err=True)
    else:
        click.echo(seen.tree() if tree else seen.table(), err=True)
    sys.exit(code if code >= 0 else 128 - code)


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own options and the program, which begins at the first word that is none."""
    place = 0
    while place < len(words):
        word = words[place]
        if word in _TAKES_THE_REST or not word.startswith("-"):
            break
        place += 2 if word in _OURS_WITH_A_VALUE else 1
    return list(words[:place]), list(words[place:])
