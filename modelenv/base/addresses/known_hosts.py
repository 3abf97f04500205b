"""The hosts that the user knows: variables named by other people's lines are sent to no other.

The lines of a folder may come from a stranger, while the variables that they name are the user's. A
variable is expanded only for a host that the user's own configuration names, or that the user
allows for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from netrc import NetrcParseError, netrc
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import NamedOption, Spell, WrongUseError
from ..siblings import envfiles, resolver
from .permit import Permit

ALLOWING = "MODELENV_ALLOW_VARIABLES"
"""The variable that allows some for every call: `NAME=HOST`, several separated by spaces."""

_PLACE = re.compile(r"[^\s,'\"]*://[^\s,'\"]*")
_ALLOWED = re.compile(r"[A-Z_][A-Z0-9_]*=(?P<host>\S+)")
_PORTS = {"http": 80, "https": 443, "ssh": 22}
# Programs disagree on the host of an authority with other characters: IDNA has two versions, and a
# character that one drops or maps to another letter is kept by the other.
_AUTHORITY = re.compile(
    r"(?:[^\s/?#\\]*@)?(?P<host>\[[0-9a-fA-F:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::\d*)?", re.ASCII
)
_SCHEME = re.compile(r"[a-z][a-z0-9.-]*(?:\+[a-z][a-z0-9.-]*)?", re.ASCII | re.IGNORECASE)
_WORDS = re.compile(r"[^ \t\r\n\f\v]+")  # only these are white space to every program
_OPTION = re.compile(r"(?P<option>--?[a-z-]+)=(?P<value>.*)", re.DOTALL)
_LOCAL = re.compile(
    r"(?:[a-z]:|\.{1,2})?[/\\](?![/\\])|(?:[a-z]+\+)?file:(?:/|//(?:localhost)?/)(?![/\\])",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\$\{?(\w+)\}?", re.ASCII)
_RELATIVE = re.compile(r"[\w. +~-]+/[\w. +~/-]*", re.ASCII)
_TAKING_PATHS = frozenset(
    {"--find-links", "-f", "--editable", "-e", "--requirement", "-r", "--constraint", "-c"}
)
_NAMING = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"),
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
)


@dataclass(eq=False)
class UnknownHostError(WrongUseError):
    """A line that is not the user's own would send a variable to an unknown host."""

    variable: str
    host: str
    """The host with its scheme, and with its port unless that is the default: ``https://host``."""
    line: str
    allowed: str = ""
    """Another scheme or port of that host which is allowed; empty: none."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        said = (
            f"the folder's line `{self.line}` would send the variable {self.variable} to"
            f" {self.host}, which neither an option of this call nor pip's or uv's configuration,"
            " a variable of theirs or netrc names"
        )
        if not origin(self.host):
            return (
                f"{said}, and programs differ in where that leads: have the line name a whole"
                " address, https://HOST/..., with the host in ASCII"
            )
        if self.allowed:
            said += f" ({self.allowed} is allowed: a host without a scheme is one of https)"
        allowed = f"{self.variable}={self.host}"
        return (
            f"{said}. Where it may go there, allow it:"
            f" {spell(NamedOption('allow_variables', allowed))}, or for every call"
            f" {ALLOWING}={allowed}"
        )


def origin(url: str) -> str:
    r"""Return scheme, host and port of a URL in one normal form; empty if they are ambiguous.

    >>> origin("git+HTTPS://known.example@EVIL.example.:443/a"), origin("https://a\\@b/")
    ('https://evil.example', '')
    """
    scheme, mark, rest = url.partition("://")
    found = _AUTHORITY.fullmatch(re.split(r"[/?#]", rest, maxsplit=1)[0])
    if not mark or not _SCHEME.fullmatch(scheme) or found is None:
        return ""
    scheme = scheme.lower().rpartition("+")[2]
    try:
        port = urlsplit(f"{scheme}://{rest}").port
    except ValueError:
        return ""
    host = found["host"].lower().removesuffix(".")
    return f"{scheme}://{host}" + ("" if port in (None, _PORTS.get(scheme)) else f":{port}")


def check_allowed(allowed: str) -> bool:
    """Return whether a text names a variable and a host: ``TOKEN=host``, ``TOKEN=https://host``."""
    found = _ALLOWED.fullmatch(allowed)
    return found is not None and bool(_origin_of_host(found["host"]))


def check_variables(
    lines: Iterable[str],
    permit: Permit,
    environment: Mapping[str, str],
    python: str,
    channels: Iterable[str] = (),
) -> None:
    """Raise UnknownHostError if a line would send a variable to a host that is not known.

    `channels` are lines for conda, which has more ways to write a variable. Known hosts are those
    of `permit`, those in the environment, in uv's configuration and in that of the `python`'s pip,
    and the machines of netrc. An unset variable is sent nowhere, one that holds a whole address
    names its host itself, and a local path sends nothing either.
    """
    asked = [each for line in lines for each in _iter_sent(line, environment)]
    asked += [each for line in channels for each in _iter_sent(line, environment, of_conda=True)]
    own = {word for line in permit.lines for _, word in _iter_words(line)}
    asked = [each for each in asked if each.word not in own]
    if not asked:
        return
    said = (*permit.variables, *re.split(r"[\s,]+", environment.get(ALLOWING, "")))
    allowed = {each for text in said for each in _iter_allowed(text)}
    known = set(_iter_known(permit, environment, python))
    machines = _machines(environment)
    for sent in asked:
        host = origin(sent.place)
        is_known = host in known or (host and urlsplit(host).hostname in machines)
        if not is_known and (sent.name, host) not in allowed:
            shows = host and not _tells(host, sent.name, environment)
            shown = host if shows else _host_part(sent.word)
            near = (each for name, each in allowed if name == sent.name and _same(each, host))
            raise UnknownHostError(sent.name, shown, sent.line, next(near, ""))


@dataclass(frozen=True, slots=True)
class _Sent:
    """A variable that a line would send somewhere."""

    name: str
    place: str = field(repr=False)
    """The address, expanded."""
    word: str
    """The address as it is written."""
    line: str


def _iter_sent(
    line: str, environment: Mapping[str, str], *, of_conda: bool = False
) -> Iterator[_Sent]:
    """Yield the variables that a line would send to some host, known or ambiguous."""
    for option, word in _iter_words(line) if "$" in line or "%" in line else ():
        found = envfiles.Variables.of([word], environment, of_conda=of_conda)
        place = found.expand(word)
        is_path = not of_conda and option in _TAKING_PATHS and _RELATIVE.fullmatch(place)
        is_local = _LOCAL.match(word) or _LOCAL.match(place)
        if not (is_path or is_local or _says_itself(word, place, found)):
            yield from (_Sent(name, place, word, line) for name in found.values)


def _iter_words(line: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a line, each with the word before it, such as an option."""
    before = ""
    for word in _WORDS.findall(line):
        glued = _OPTION.fullmatch(word)
        yield (glued["option"], glued["value"]) if glued else (before, word)
        before = word


def _says_itself(word: str, place: str, found: envfiles.Variables) -> bool:
    """Return whether an address leads to the host at the beginning of its variable's value."""
    first = _FIRST.match(word)
    value = found.values.get(first[1], "") if first else ""
    if first is None or not re.search(r"://[^/]", value):
        return False
    return (
        first.end() == len(word) or word[first.end()] == "/" or origin(value) == origin(place) != ""
    )


def _iter_known(permit: Permit, environment: Mapping[str, str], python: str) -> Iterator[str]:
    texts = [environment.get(name, "") for name in _NAMING]
    texts += map(envfiles.Variables.of(permit.lines, environment).expand, permit.lines)
    texts += _uv_addresses(environment)
    with suppress(resolver.ResolverError):  # there is no pip with a configuration
        options = resolver.configured_options(python)
        texts += (*options.indexes, *options.find_links)
    for text in texts:
        yield from filter(None, map(origin, map(_unnamed, _PLACE.findall(text))))


def _unnamed(place: str) -> str:
    """Return an address without the index name that uv allows before it: ``corp=https://…``."""
    return re.sub(r"^[\w.-]+=", "", place)


def _uv_addresses(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the addresses in uv's configuration, the user's and the system's."""
    if environment.get("UV_NO_CONFIG"):
        return
    home = environment.get("HOME") or environment.get("USERPROFILE") or ""
    own = environment.get("XDG_CONFIG_HOME") or environment.get("APPDATA") or f"{home}/.config"
    system = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    folders = [own, *system.split(":"), "/etc"]
    files = [Path(folder) / "uv" / "uv.toml" for folder in folders if folder]
    said = environment.get("UV_CONFIG_FILE")
    for file in [Path(said)] if said else files:
        with suppress(OSError, UnicodeDecodeError):
            for line in file.read_text("utf-8").splitlines():
                if not line.lstrip().startswith("#"):
                    yield from re.findall(r"""["']([^"'\s]+://[^"'\s]+)["']""", line)


def _machines(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the machines for which netrc has logins, without its default entry."""
    home = environment.get("HOME") or environment.get("USERPROFILE") or ""
    said = environment.get("NETRC")
    files = [Path(said)] if said else [Path(home) / name for name in (".netrc", "_netrc") if home]
    found: set[str] = set()
    for file in files:
        with suppress(OSError, NetrcParseError, UnicodeDecodeError):
            found |= netrc(str(file)).hosts.keys() - {"default"}
    return frozenset(each.lower() for each in found)


def _iter_allowed(text: str) -> Iterator[tuple[str, str]]:
    name, _, host = text.partition("=")
    if found := _origin_of_host(host):
        yield name, found


def _origin_of_host(host: str) -> str:
    return origin(host if "://" in host else f"https://{host}")


def _tells(host: str, name: str, environment: Mapping[str, str]) -> bool:
    return environment[name].lower() in host


def _same(one: str, other: str) -> bool:
    return bool(other) and urlsplit(one).hostname == urlsplit(other).hostname


def _host_part(word: str) -> str:
    """Return the host part of an address as it is written, with unexpanded variables."""
    scheme, mark, rest = word.partition("://")
    if mark:
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        word = f"{scheme}://{authority.rpartition('@')[2]}"
    return word.encode("ascii", "backslashreplace").decode()
