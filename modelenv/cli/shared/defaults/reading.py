"""Read the defaults of a project for one command, and refuse what no option takes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import click

from ....base.telling.suggesting import near
from ..wrong_use import wrong_use
from .places import OWN, find_defaults

COMMON = (
    *("allow-host", "allow-path", "allow-variable", "env-manager", "extra-index-url", "find-links"),
    *("index-strategy", "index-url", "memory-limit", "no-index", "progress", "seal", "timeout"),
)
"""The options that may stand above the tables of commands, for all that have them."""
_STRONGER = {
    "allow-variable": "MODELENV_ALLOW_VARIABLES",
    "env-manager": "MODELENV_IMAGE",
    "extra-index-url": "PIP_EXTRA_INDEX_URL",
    "find-links": "PIP_FIND_LINKS",
    "index-strategy": "MODELENV_INDEX_STRATEGY",
    "index-url": "PIP_INDEX_URL",
    "no-index": "PIP_NO_INDEX",
    "seal": "MODELENV_IMAGE",
}
"""The variables of the environment that say the same and win."""
_NOT_HERE = ("json", "help", "version")
_WAY_OUT = "`modelenv --no-config …` reads no such file"


def defaults_of(group: click.Group, name: str, commands: tuple[str, ...]) -> dict[str, Any]:
    """Return click's map of defaults, with those of the command `name`, as the project has them.

    `commands` are the names of all. Raises WrongUseError, with file and key.
    """
    try:
        files = find_defaults(os.getcwd(), os.path.expanduser("~"))
    except FileNotFoundError:  # there is no working folder any more
        return {}
    if not files:
        return {}
    command = group.get_command(click.Context(group), name)
    merged: dict[str, Any] = {}
    for file in reversed(files):  # what is read later wins
        table = _Table(file, "" if os.path.basename(file) == OWN else "tool.modelenv")
        said = table.said()
        shared = {key: value for key, value in said.items() if not isinstance(value, dict)}
        table.check_names(shared, COMMON, said.keys() - shared.keys(), commands)
        if command is not None:
            _merge(merged, table.for_all(command, shared))
            _merge(merged, table.of_command(command, said.get(name, {}), (name,)))
    return {name: merged} if merged else {}


def _merge(onto: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            _merge(onto.setdefault(key, {}), value)
        else:
            onto[key] = value


class _Table:
    """The table of one file."""

    def __init__(self, file: str, prefix: str) -> None:
        self._file = file
        self._prefix = prefix

    def said(self) -> dict[str, Any]:
        """Return what the file says to us. Raises InvalidFile, WrongUseError."""
        from ....base.siblings import envfiles

        with open(self._file, encoding="utf-8", errors="surrogateescape") as opened:
            said = envfiles.read_toml(opened.read(), file=self._file)
        for part in filter(None, self._prefix.split(".")):
            said = said.get(part, {})
            if not isinstance(said, dict):
                raise self._wrong((), f"{part} is no table")
        return said

    def check_names(
        self,
        keys: Mapping[str, Any],
        common: tuple[str, ...],
        tables: set[str],
        commands: tuple[str, ...],
    ) -> None:
        """Raise WrongUseError for the first unknown name at the top."""
        for key in sorted(keys.keys() - set(common)):
            raise self._wrong((key,), f"no option for all commands.{near(key, common)}")
        for key in sorted(tables - set(commands)):
            raise self._wrong((key,), f"no command.{near(key, commands)}")

    def for_all(self, command: click.Command, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the common options that a command, or one below it, has."""
        known = _options(command)
        taken = {
            str(known[key].name): self._value(known[key], value, (key,))
            for key, value in said.items()
            if key in known and not _is_said(key)
        }
        below = {name: self.for_all(each, said) for name, each in _below(command)}
        return {**taken, **{name: each for name, each in below.items() if each}}

    def of_command(
        self, command: click.Command, said: Any, path: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the options of a command by the names of its parameters."""
        if not isinstance(said, dict):
            raise self._wrong(path, "no table")
        known, below = _options(command), dict(_below(command))
        taken: dict[str, Any] = {}
        for key, value in said.items():
            here = (*path, key)
            if key in below:
                taken[key] = self.of_command(below[key], value, here)
            elif key not in known:
                hint = near(key.replace("_", "-"), [*known, *below])
                raise self._wrong(here, f"no option of {' '.join(path)}.{hint}")
            elif not _is_said(key):
                taken[str(known[key].name)] = self._value(known[key], value, here)
        return taken

    def _value(self, option: click.Option, value: Any, path: tuple[str, ...]) -> Any:
        """Return a value as click takes it; paths are those of the file's folder."""
        if option.is_flag:
            if not isinstance(value, bool):
                raise self._wrong(path, "true or false", value)
            return value
        if not option.multiple:
            return self._one(option, value, path)
        if not isinstance(value, list):
            raise self._wrong(path, "a list of texts", value)
        return [self._one(option, each, path) for each in value]

    def _one(self, option: click.Option, value: Any, path: tuple[str, ...]) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._wrong(path, "one text or number", value)
        text = str(value)
        if isinstance(option.type, click.Path) or option.name == "find_links":
            folder = os.path.dirname(self._file)
            return text if not text or ":/" in text else os.path.join(folder, text)
        try:
            option.type.convert(text, option, None)
        except click.BadParameter as error:
            raise self._wrong(path, error.message.rstrip("."), value, is_said=True) from error
        return text

    def _wrong(
        self, path: tuple[str, ...], expected: str, value: Any = None, *, is_said: bool = False
    ) -> Exception:
        key = ".".join(filter(None, (self._prefix, *path)))
        if is_said:
            said = expected
        elif value is None:
            said = f"this is {expected}"
        else:
            said = f"it must be {expected}, not {value!r}"
        return wrong_use(f"{self._file}: {key}: {said.rstrip().rstrip('.')}; {_WAY_OUT}")


def _options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command by their long names, without what only a call asks for."""
    return {
        name[2:]: each
        for each in command.params
        if isinstance(each, click.Option)
        for name in each.opts
        if name.startswith("--") and name[2:] not in _NOT_HERE
    }


def _below(command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield name, found


def _is_said(key: str) -> bool:
    """Return whether a variable of the environment says it, which wins."""
    from ....base.settings import Settings

    variable = _STRONGER.get(key)
    return variable is not None and bool(Settings.from_environment().environment.get(variable))
