"""Anaconda's `defaults` channel under all its names, and its replacement."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..credentials import protect
from ..errors import Fault, InvalidEntry, InvalidFile
from ..yaml.edit import TextEdit, apply, fill_key, insert_key, plain, rewrite_items, scalar_edit
from ..yaml.nodes import parse_yaml
from .match_spec import parse_match_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..yaml.nodes import YamlNode

DEFAULTS = "defaults"

_NAMES = frozenset({"anaconda", "defaults", "free", "main", "msys2", "mro", "pro", "r"})
_HOSTS = frozenset({"repo.anaconda.com", "repo.continuum.io", "repo.anaconda.cloud"})
_BRACKETED = re.compile(r"(?P<before>\[[^][]*\bchannel\s*=\s*)(?P<quote>[\"']?)[^\"',\]\s]+")
_URL = re.compile(r"https?://(?:[^\s/@]*@)?(?P<host>[^\s/:]+)(?::\d+)?/(?:t/[^/]+/)?(?P<path>\S*)")


@dataclass(frozen=True, slots=True)
class Migration:
    """The uses of a channel in a conda.yaml, and the file without them."""

    before: str
    after: str
    found: tuple[str, ...]
    """Each use of the channel, as written, credentials hidden: `channels[0]: defaults`."""
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Return whether there is anything to change."""
        return self.before != self.after

    def diff(self, file: str) -> str:
        """Return the change as a unified diff, credentials hidden."""
        lines = difflib.unified_diff(
            protect(self.before).splitlines(),
            protect(self.after).splitlines(),
            f"{file} (before)",
            f"{file} (after)",
            n=2,
            lineterm="",
        )
        return "\n".join(lines)


def is_channel(text: str, channel: str) -> bool:
    """Return whether a text names a channel; `defaults` has many names.

    >>> is_channel("https://repo.anaconda.com/pkgs/main/linux-64", "defaults")
    True
    >>> is_channel("conda-forge", "defaults")
    False
    """
    name = _plain_name(text)
    return name in _NAMES if channel == DEFAULTS else name == _plain_name(channel)


def migrate(text: str, *, old: str, new: str, file: str | None = None) -> Migration:
    """Replace a channel by another in the text of a conda.yaml, and keep every other byte.

    A file without `channels` means `defaults`, so the new channel is then added. Raises
    InvalidFile.

    >>> migrate("channels: [defaults, x]", old="defaults", new="conda-forge").after
    'channels: [conda-forge, x]'
    """
    root = parse_yaml(text, file=file)
    keys = root.mapping()
    channels, dependencies = keys.get("channels"), keys.get("dependencies")
    items = dependencies.items() if dependencies else ()
    prefixed = [item for item in items if not item.is_mapping and _of_channel(item, old)]
    found = [f"{item.key}: {item.text()}" for item in (*_uses(channels, old), *prefixed)]
    silent = old == DEFAULTS and not (channels and channels.items())
    if silent:
        found.insert(0, "channels: none are named, which means defaults")
        edits = [_name_one(text, root, channels, new)]
    else:
        edits = _edit_channels(text, channels, old, new) if channels else []
    edits += (scalar_edit(text, each, _with_channel(each.text(), new)) for each in prefixed)
    after = apply(text, edits)
    if edits:
        _check(text, after, old, file)
    return Migration(
        text, after, tuple(map(protect, found)), tuple(_iter_notes(items, bool(edits)))
    )


def _uses(channels: YamlNode | None, old: str) -> list[YamlNode]:
    return [item for item in channels.items() if is_channel(item.text(), old)] if channels else []


def _name_one(text: str, root: YamlNode, channels: YamlNode | None, new: str) -> TextEdit:
    if channels is None:
        return insert_key(text, root, "channels", new)
    return fill_key(text, root, "channels", f"[{new}]")


def _edit_channels(text: str, channels: YamlNode, old: str, new: str) -> list[TextEdit]:
    standing = {item.text() for item in channels.items()}
    placed = any(is_channel(each, new) for each in standing)

    def change(before: str) -> str | None:
        nonlocal placed
        if not is_channel(before, old):
            return before
        if placed:
            return None
        placed = True
        return new

    return rewrite_items(text, channels, change)


def _with_channel(text: str, new: str) -> str:
    """Return a match spec with another channel, in front of it or in its brackets.

    >>> _with_channel("defaults::numpy[channel='main', build=py_0]", "conda-forge")
    "conda-forge::numpy[channel='conda-forge', build=py_0]"
    """
    text = _BRACKETED.sub(lambda found: f"{found['before']}{found['quote']}{new}", text)
    return f"{new}::{text.rpartition('::')[2]}" if "::" in text else text


def _of_channel(item: YamlNode, old: str) -> bool:
    if "::" not in item.text() and _BRACKETED.search(item.text()) is None:
        return False
    try:
        return is_channel(parse_match_spec(item.text()).channel, old)
    except InvalidEntry as error:
        raise InvalidFile([Fault(item.location, str(error))]) from error


def _iter_notes(items: tuple[YamlNode, ...], migrated: bool) -> Iterator[str]:
    for item in items if migrated else ():
        if not item.is_mapping:
            try:
                build = parse_match_spec(item.text()).build
            except InvalidEntry:
                continue
            if build and build.strip("*"):
                yield f"{item.key}: {item.text()} names a build, which other channels do not have"


def _check(before: str, after: str, old: str, file: str | None) -> None:
    """Check that nothing but channels has changed. Raises InvalidFile."""
    try:
        again = parse_yaml(after).mapping().get("channels")
        same = _without_channels(before) == _without_channels(after)
        done = same and not _uses(again, old)
    except InvalidFile:
        done = False
    if not done:
        reason = "its layout is unusual: change its channels by hand"
        raise InvalidFile([Fault(parse_yaml(before, file=file).location, reason)])


def _without_channels(text: str) -> object:
    document = plain(parse_yaml(text))
    assert isinstance(document, dict)
    listed = document.get("dependencies") or ()
    others = {k: v for k, v in document.items() if k not in {"channels", "dependencies"}}
    return others, [_with_channel(each, "") if isinstance(each, str) else each for each in listed]


def _plain_name(channel: str) -> str:
    """Return the name of a channel that is written as a name, a path or a URL."""
    url = _URL.fullmatch(channel.strip())
    name = channel.strip() if url is None else url["path"]
    anaconda = url is None or url["host"] in _HOSTS
    name = re.sub(r"/(noarch|linux-\w+|osx-\w+|win-\w+)$", "", name.strip("/")).lower()
    name = re.sub(r"/label/[^/]+$", "", name)
    if anaconda:
        name = name.removeprefix("pkgs/").removeprefix("repo/")
        return name if url is None or name else DEFAULTS
    if url is not None and url["host"] == "conda.anaconda.org":
        return name.removeprefix("pkgs/")
    return channel.strip().rstrip("/")
