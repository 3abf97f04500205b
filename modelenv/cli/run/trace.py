"""``modelenv trace [-o FILE] SCRIPT [ARGUMENT]...``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from ..options import PATH, check_output
from ..shared.progress import Progress, progress_option
from ..shared.terminal import echo, echo_json
from ..shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from ...base.siblings import tracer

_OURS_WITH_A_VALUE = ("-o", "--output", "--progress")
_OURS = (*_OURS_WITH_A_VALUE, "--json", "--requirements")
_TAKES_THE_REST = ("-m", "-c")
_LIST = "--requirements"


class _Tracing(click.Command):
    """A command with options that end at the program; all later words belong to the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return the arguments that are left after parsing; the program's words are not parsed."""
        ours, ctx.meta["program"] = _split(args)
        return super().parse_args(ctx, ours)

    def own_words(self, args: list[str]) -> list[str]:
        """Return the words that are not the program's."""
        return _split(args)[0]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what a shell may complete: an option, or the path of a script."""
        from click.shell_completion import CompletionItem

        found = super().shell_complete(ctx, incomplete)
        return found or [CompletionItem(incomplete, type="file")]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the usage pieces, with the start of a program."""
        return [
            *super().collect_usage_pieces(ctx),
            "(SCRIPT | -m MODULE | -c CODE)",
            "[ARGUMENT]...",
        ]


@click.command(cls=_Tracing)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Write the report there.")
@click.option("--tree", is_flag=True, help="Show who imported whom, not the time each took.")
@click.option(
    "--requirements",
    is_flag=True,
    help="Write the pins of what the program imports, as a requirements file; may also stand as "
    "the first word after the program.",
)
@progress_option
@click.option("--json", "as_json", is_flag=True, help="Report as JSON Lines; the pins as JSON.")
@click.pass_context
def trace(
    ctx: click.Context, output: Path | None, *, tree: bool, requirements: bool, as_json: bool
) -> None:
    """Show what a program imports, for whom, and what else it touches.

    The program runs as Python runs it, with its own arguments, output and exit code. The report
    goes to standard error, because standard output belongs to the program. With --requirements and
    no file, standard output belongs to the list, and the program's output goes to standard error.

    \b
    Examples:
      modelenv trace train.py --epochs 3        what each import took
      modelenv trace --tree -m package.tool     who imported whom
      modelenv trace -o trace.jsonl train.py    all of it, one JSON document a line
      modelenv trace train.py --requirements -- --epochs 3 > requirements.txt
    """
    import json

    from ...base.siblings import envfiles, tracer

    program = ctx.meta["program"]
    if not program:
        raise click.UsageError("name a script, -m MODULE or -c CODE", ctx)
    if sys.flags.ignore_environment or sys.flags.no_site:
        raise wrong_use("an interpreter that is started with -I, -E or -S cannot be entered")
    if tree and requirements:
        raise wrong_use("--tree and --requirements are two reports: ask for one of them")
    check_output(output)
    _check_program(program[0])
    apart = requirements and output is None
    with Progress.of_command() as tell, _printing_apart() if apart else nullcontext():
        tell.line(f"tracing {' '.join(program[: 2 if program[0] in _TAKES_THE_REST else 1])}")
        code, seen = tracer.trace_program(program)
    if requirements:
        _write_pins(seen, _folder_of(program), output, code, as_json=as_json)
    elif output is not None:
        envfiles.put_file(output, seen.to_jsonl().encode())
    elif as_json:
        for line in seen.to_jsonl().splitlines():
            echo_json(json.loads(line), indent=None, err=True)
    else:
        from ..shared.look.beside import tell_value
        from ..shared.look.listed import ShownTrace

        tell_value(ShownTrace(seen, is_tree=tree))
    sys.exit(code if code >= 0 else 128 - code)


def _check_program(word: str) -> None:
    """Raise WrongUseError for a script that is not there; a folder or an archive may be one."""
    from pathlib import Path

    from ...base.files.absent import nothing

    if word not in _TAKES_THE_REST and not word.startswith(("-m", "-c")):
        script = Path(word)
        if not script.exists():
            raise wrong_use(f"{word}: {nothing(script)}")
        if script.is_dir() and not (script / "__main__.py").is_file():
            raise wrong_use(f"{word}: it is a folder without a __main__.py, which no Python runs")


def _folder_of(program: Sequence[str]) -> Path:
    """Return the folder from which a program imports its own modules: that of its script."""
    from pathlib import Path

    script = Path(program[0])
    return script.resolve().parent if script.is_file() else Path.cwd()


def _write_pins(
    seen: tracer.Trace, folder: Path, output: Path | None, code: int, *, as_json: bool
) -> None:
    import json

    from ...base.siblings import envfiles, resolver
    from ...save.observe.script_pins import pins_of
    from ..shared.look.beside import tell_note

    pins = pins_of(seen, resolver.Installed.current(), folder)
    if output is None and as_json:
        echo_json(pins.to_json())
    elif output is None:
        echo(str(pins), nl=False)
    else:
        text = json.dumps(pins.to_json(), indent=2) + "\n" if as_json else str(pins)
        envfiles.put_file(output, text.encode())
    for note in pins.notes:
        tell_note(note)
    if code:
        tell_note(f"the program ended with {code}: what it had imported is listed")


@contextmanager
def _printing_apart() -> Iterator[None]:
    """Redirect standard output to standard error for the block."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own options and the program, which begins at the first other word.

    If the first word after the program requests its requirements, it is ours, as are our options
    that follow it. A ``--`` before the program's words is then ours too.
    """
    place = _count(words)
    ours, program = list(words[:place]), list(words[place:])
    own = 2 if program[:1] and program[0] in _TAKES_THE_REST else 1
    program, given = program[:own], program[own:]
    if given[:1] == [_LIST]:
        more = _count(given, only=_OURS)
        ours, given = [*ours, *given[:more]], given[more:]
    if _LIST in ours and given[:1] == ["--"]:
        del given[0]
    return ours, [*program, *given]


def _count(words: Sequence[str], *, only: Sequence[str] = ()) -> int:
    """Return the number of leading words that are options or their values: `only` some, or any."""
    place = 0
    while place < len(words):
        word = words[place]
        is_option = word in only if only else word.startswith("-")
        if word in _TAKES_THE_REST or not is_option:
            break
        place += 2 if word in _OURS_WITH_A_VALUE else 1
    return place
