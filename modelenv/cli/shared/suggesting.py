"""Words for a command that is used in a wrong way: what is missing, and what may be meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import click

from ...base.telling.suggesting import near

_NOT_ONE = re.compile(r"'([^']*)' is not one of ")


class SuggestingGroup(click.Group):
    """A group that suggests the command that was meant, and takes no file twice for one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names.

        Raises UsageError for an unknown name, and for an option with one file that is repeated.
        """
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            meant = near(name, self.list_commands(ctx))
            raise click.UsageError(f"No such command {name!r}.{meant}", ctx)
        found, command, words = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing:
            _check_once(click.Context(command, info_name=found, parent=ctx), words)
        return found, command, words


def _check_once(context: click.Context, words: Sequence[str]) -> None:
    """Raise UsageError for an option with one file or folder that is given twice.

    One would count alone, and the user may mean both. Of any other option the last value counts, as
    it does elsewhere: aliases and scripts give theirs first. What else is wrong with the words is
    told when they are parsed for good.
    """
    from .values.model_place import ModelPlace

    command = context.command
    own_words = getattr(command, "own_words", list)  # a traced program has its own
    try:
        _, _, order = command.make_parser(context).parse_args([*own_words([*words])])
    except click.UsageError:
        return
    for parameter, count in Counter(order).items():
        if count > 1 and isinstance(parameter, click.Option) and _takes_a_file(parameter):
            several = isinstance(parameter.type, ModelPlace)
            way = ": `modelenv fleet` is for several models" if several else ""
            said = f"{_named(parameter)} is given {count} times, and takes one value{way}"
            raise click.UsageError(said, context)


def _takes_a_file(option: click.Option) -> bool:
    return isinstance(option.type, click.Path) and not option.multiple


def wording(error: click.ClickException) -> str:
    """Return the message of a wrong use, with what a missing option is and what may be meant."""
    said = error.format_message()
    if isinstance(error, click.NoSuchOption):
        return f"No such option {error.option_name!r}.{_meant(error)}"
    parameter = error.param if isinstance(error, click.BadParameter) else None
    if isinstance(error, click.MissingParameter) and isinstance(parameter, click.Option):
        return f"{said} {parameter.metavar}: {parameter.help}" if said.endswith("'.") else said
    if parameter is not None and isinstance(parameter.type, click.Choice):
        given = _NOT_ONE.search(said)
        return said + (near(given[1], map(str, parameter.type.choices)) if given else "")
    return said


def _named(parameter: click.Parameter) -> str:
    return " / ".join(map(repr, parameter.opts))


def _meant(error: click.NoSuchOption) -> str:
    """Return a question for the options that are similar, apart from their dashes."""
    from difflib import get_close_matches

    parameters = error.ctx.command.params if error.ctx is not None else []
    names = (name for each in parameters for name in each.opts if name.startswith("--"))
    options = {name.lstrip("-"): name for name in names}
    found = get_close_matches(error.option_name.lstrip("-"), options, 2)
    return f" Did you mean {' or '.join(repr(options[each]) for each in found)}?" if found else ""
