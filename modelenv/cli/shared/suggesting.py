"""A group of commands that suggests the command that was meant."""

from __future__ import annotations

from collections.abc import Iterable

import click


def near(word: str, known: Iterable[str]) -> str:
    """Return a question that suggests one of some words; empty if none is similar.

    Transposed letters are the most likely error.

    >>> near("verfy", ["verify", "save"]), near("epxort", ["report", "export"])
    (' Did you mean verify?', ' Did you mean export or report?')
    """
    from difflib import get_close_matches

    found = get_close_matches(word, [*known], n=2)
    found.sort(key=lambda each: sorted(each) != sorted(word))
    return f" Did you mean {' or '.join(found)}?" if found else ""


class SuggestingGroup(click.Group):
    """A group that suggests the command that was meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names. Raises UsageError for an unknown name."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            meant = near(name, self.list_commands(ctx))
            raise click.UsageError(f"No such command {name!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)
