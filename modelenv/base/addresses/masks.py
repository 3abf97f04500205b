"""Secrets in a text: credentials in its addresses, and the values of variables."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from re import Pattern, escape
from re import compile as pattern
from typing import Any

from packaging.requirements import Requirement

from ..siblings import envfiles

_TELLING = pattern(
    r"(?i)(?:TOKEN|SECRET|PASS|PASSWD|PASSWORD|PASSPHRASE|API_?KEY|ACCESS_?KEY|CREDENTIAL)S?(?:_|$)"
)
_A_PATH = pattern(r"(?:~|\.{0,2}|[A-Za-z]:)[\\/][\w.@ -]*(?:[\\/][\w.@ -]*)*")
_OF_THE_SYSTEM = ("strerror", "filename")  # attributes of an OSError besides its arguments
_TOO_SHORT = 6  # a value shorter than this may be an ordinary word


@dataclass(frozen=True, slots=True)
class Mask:
    """A function that hides the secrets of a text: credentials in addresses, and known values."""

    shown: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The replacement to show for each value that is known to be secret."""
    words: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The same for values that are secret only where they stand as whole words."""

    @classmethod
    def of(
        cls,
        environment: Mapping[str, str],
        texts: Iterable[str] = (),
        channels: Iterable[str] = (),
    ) -> Mask:
        """Collect the secrets of an environment: values of variables that texts name, and others.

        `channels` are the texts that conda reads. The other secrets are variables with telling
        names, whose value may be an ordinary word, and the credentials of every address in the
        environment: those of pip's and uv's indexes, and of proxies.

        >>> Mask.of({"OURS": "s3cr3t-word"}, ["--index-url https://host/${OURS}/simple"])(
        ...     "https://host/s3cr3t-word/simple/a/ is not there"
        ... )
        'https://host/${OURS}/simple/a/ is not there'
        """
        named = {
            **envfiles.Variables.of(texts, environment).values,
            **envfiles.Variables.of(channels, environment, of_conda=True).values,
        }
        shown: dict[str, str] = {}
        words: dict[str, str] = {}
        for value in environment.values():
            if "://" in value:
                shown |= dict.fromkeys(envfiles.secrets_in(value), "****")
        for name, value in environment.items():
            forms = envfiles.twins([value]) if "://" not in value else ()
            if name in named:
                shown |= dict.fromkeys(forms, f"${{{name}}}")
            elif _tells(name, value):
                words |= dict.fromkeys(forms, f"${{{name}}}")
        return cls(shown, words)

    def __call__(self, text: str) -> str:
        """Return a text without its secrets."""
        for value in sorted(self.shown, key=len, reverse=True):
            if value in text:
                text = text.replace(value, self.shown[value])
        for value in sorted(self.words, key=len, reverse=True):
            if value in text:
                text = _whole(value).sub(lambda found: self.words[found[0]], text)
        return envfiles.mask(text)


def _tells(name: str, value: str) -> bool:
    """Return whether a variable's name says that it is a secret and its value can be one."""
    return (
        _TELLING.search(name) is not None
        and len(value) >= _TOO_SHORT
        and not _A_PATH.fullmatch(value)
    )


def _whole(word: str) -> Pattern[str]:
    """Return a pattern that finds a word as a whole, also beside percent-encoded characters."""
    return pattern(rf"(?:(?<!\w)|(?<=%[0-9A-Fa-f]{{2}})){escape(word)}(?!\w)")


def conceal(error: BaseException, mask: Callable[[str], str]) -> None:
    """Hide the secrets in the message and fields of an error, and in those of its causes."""
    seen: set[int] = set()
    left = [error]
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.args = tuple(masked(value, mask) for value in each.args)
        for name in _OF_THE_SYSTEM if isinstance(each, OSError) else ():
            setattr(each, name, masked(getattr(each, name), mask))
        held = vars(each)
        held.update({name: masked(value, mask) for name, value in held.items()})
        left += _others(each)


def _others(error: BaseException) -> Iterator[BaseException]:
    values = (error.__cause__, error.__context__, *error.args, *vars(error).values())
    return (each for each in values if isinstance(each, BaseException))


def masked(value: Any, mask: Callable[[str], str]) -> Any:
    """Return a value with its texts masked; the value itself if none contains a secret."""
    if isinstance(value, str):
        return mask(value) if type(value) is str else value
    if isinstance(value, tuple | list):
        return _masked_items(value, mask)
    if type(value) is dict:
        return {key: masked(each, mask) for key, each in value.items()}
    if isinstance(value, Requirement):
        return _replaced(value, {"url": mask(value.url)}) if value.url else value
    if is_dataclass(value) and not isinstance(value, type | BaseException):
        names = (each.name for each in fields(value))
        return _replaced(value, {name: masked(getattr(value, name), mask) for name in names})
    return value


def _masked_items(value: Any, mask: Callable[[str], str]) -> Any:
    found = [masked(each, mask) for each in value]
    if all(new is old or new == old for new, old in zip(found, value, strict=True)):
        return value
    return type(value)(*found) if hasattr(value, "_fields") else type(value)(found)


def _replaced(value: Any, changes: Mapping[str, Any]) -> Any:
    """Return a copy of a value with some attributes changed; the value itself if none changes."""
    kept = {name: getattr(value, name) for name in changes}
    changed = {name: new for name, new in changes.items() if new is not kept[name]}
    if not changed or all(new == kept[name] for name, new in changed.items()):
        return value
    made = copy.copy(value)
    for name, new in changed.items():
        object.__setattr__(made, name, new)  # the error may be frozen
    return made
