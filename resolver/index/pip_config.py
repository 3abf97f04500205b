"""The configuration of the user's pip, read by pip itself in a subprocess."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .cache import is_of
from .credentials import may_hold_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .cache import HttpCache

# The working folder may be somebody else's; a json.py in it must not be run.
_APART = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
"""
_ASK = """
import json, sys
from pip._internal.cli.main import main
code = main(["config", "list"])
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
files = [file for _, group in Configuration(isolated=False).iter_config_files() for file in group]
print(json.dumps([PyPI.simple_url, files]))
sys.exit(code)
"""
_READ_CONSTRAINTS = """
import json, sys
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements
session, found = PipSession(), []
for file in json.load(sys.stdin):
    for parsed in parse_requirements(file, session=session, constraint=True):
        made = install_req_from_parsed_requirement(parsed)
        if made.req is not None:
            text = f"{made.req} ; {made.markers}" if made.markers else str(made.req)
            found.append([text, parsed.comes_from])
print(json.dumps(found))
"""
_COMES_FROM = re.compile(r"-[cr] (?P<file>.*) \(line (?P<line>\d+)\)")
# Later ones win, as in pip: the file's common section, that of the command, PIP_* variables.
_SECTIONS = ("global", "install", ":env:")
_DAY = 86_400
_PATIENCE = 120.0  # pip may have to fetch a file of constraints, and waits as long as its timeout
_FORMAT = 4  # of what is remembered


@dataclass(frozen=True, slots=True)
class PipOptions:
    """The options that pip would install with."""

    indexes: tuple[str, ...] = ()
    """Extra indexes first, as a private name must not be answered by a public index."""
    find_links: tuple[str, ...] = ()
    constraints: tuple[tuple[str, str], ...] = ()
    """The constraints: each a requirement (PEP 508) and its place, as "limits.txt:3"."""

    trusted_hosts: tuple[str, ...] = ()
    certificates: str | None = None
    proxy: str | None = None
    retries: int | None = None
    timeout: float | None = None
    no_wheels: str = ""
    """The value of `--no-binary`."""
    no_sources: str = ""
    """The value of `--only-binary`."""
    uploaded_prior_to: str = ""
    """The time before which an index must have received files; as `--uploaded-prior-to`."""
    built_in: str = ""
    """The default index of pip without configuration; empty: pip was not asked."""

    @property
    def holds_login(self) -> bool:
        """Return whether a URL among them must not be written to a file."""
        return any(map(may_hold_secret, (*self.indexes, *self.find_links, self.proxy or "")))


_TEXT = {str, type(None)}
_SHAPES: Mapping[str, object] = {
    "indexes": [str],
    "built_in": str,
    "find_links": [str],
    "constraints": [(str, str)],
    "trusted_hosts": [str],
    "certificates": _TEXT,
    "proxy": _TEXT,
    "retries": {int, type(None)},
    "timeout": {float, type(None)},
    "no_wheels": str,
    "no_sources": str,
    "uploaded_prior_to": str,
}
"""The JSON type of each option."""


def remembered_options(python: str, cache: HttpCache, variables: Mapping[str, str]) -> PipOptions:
    """Return the remembered options while pip's input files are unchanged; else ask pip.

    `variables` are those of the environment that pip reads. Options with a login are asked for each
    time. Raises `ConfigurationError`.
    """
    said = options_at_hand(python, cache, variables)
    if said is not None:
        return said
    options, files = ask_pip(python)
    if not options.holds_login:
        until = cache.now() + _DAY
        kept = {"until": until, "files": _states(files), "options": asdict(options)}
        cache.put("pip", _key(python, variables), kept)
    return options


def options_at_hand(
    python: str, cache: HttpCache, variables: Mapping[str, str]
) -> PipOptions | None:
    """Return the remembered options while pip's input files are unchanged, or None."""
    kept = cache.get("pip", _key(python, variables))
    if not isinstance(kept, dict):
        return None
    until, files, now = kept.get("until"), kept.get("files"), cache.now()
    if not isinstance(until, (int, float)) or not now < until <= now + _DAY:
        return None
    is_so = isinstance(files, dict) and files == _states(files)
    return _from_plain(kept.get("options")) if is_so else None


def _key(python: str, variables: Mapping[str, str]) -> str:
    return json.dumps([_FORMAT, python, sorted(variables.items())])


def ask_pip(python: str) -> tuple[PipOptions, tuple[str, ...]]:
    """Return the options by pip, and the files that state them. Raises `ConfigurationError`."""
    listing, _, last = _run(python, _ASK).rpartition("\n")
    built_in, files = json.loads(last)
    said = parse_options(listing)
    named = said.get("constraint", "").split()
    constraints = _constraints(python, named) if named else ()
    narrowing = (place.rpartition(":")[0] for _, place in constraints)
    read = dict.fromkeys((*files, *named, *narrowing))
    return replace(_options(said, built_in), constraints=constraints), tuple(read)


def _constraints(python: str, files: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the constraints that pip reads from files, nested ones too, with their places."""
    found = json.loads(_run(python, _READ_CONSTRAINTS, json.dumps([*files])))
    return tuple((text, _COMES_FROM.sub(r"\g<file>:\g<line>", place)) for text, place in found)


def _run(python: str, script: str, given: str = "") -> str:
    """Run a script with input on stdin: it may hold a login, and arguments are public."""
    try:
        done = subprocess.run(
            [python, "-c", _APART + script],
            capture_output=True,
            text=True,
            check=False,
            input=given,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        reason = f"it has not answered after {_PATIENCE:.0f} s"
        raise ConfigurationError(python, reason) from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise ConfigurationError(python, said[-1])
    return done.stdout.rstrip()


def _options(said: Mapping[str, str], built_in: str) -> PipOptions:
    indexes: tuple[str, ...] = ()
    if said.get("no-index", "").lower() not in {"1", "true", "yes", "on"}:
        main = said.get("index-url") or built_in
        indexes = (*said.get("extra-index-url", "").split(), main)
    timeout = said.get("timeout") or said.get("default-timeout")
    return PipOptions(
        indexes=indexes,
        built_in=built_in,
        find_links=tuple(said.get("find-links", "").split()),
        trusted_hosts=tuple(said.get("trusted-host", "").split()),
        certificates=said.get("cert") or None,
        proxy=said.get("proxy") or None,
        retries=int(said["retries"]) if said.get("retries", "").isdigit() else None,
        timeout=float(timeout) if timeout else None,
        no_wheels=said.get("no-binary", ""),
        no_sources=said.get("only-binary", ""),
        uploaded_prior_to=said.get("uploaded-prior-to", ""),
    )


def parse_options(listing: str) -> dict[str, str]:
    r"""Parse the output of `pip config list`, the winning section for each option.

    >>> parse_options("global.timeout='9'\n:env:.timeout='60'")
    {'timeout': '60'}
    """
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listing.splitlines():
        key, equals, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if equals and section in found:
            found[section][option] = str(ast.literal_eval(value))
    return {option: value for section in _SECTIONS for option, value in found[section].items()}


def _states(files: Iterable[str]) -> dict[str, list[int] | None]:
    """Return time and size of each file, to detect changes; None: it is absent."""
    states: dict[str, list[int] | None] = {}
    for file in files:
        try:
            about = Path(file).stat()
            states[file] = [about.st_mtime_ns, about.st_size]
        except (OSError, ValueError):  # it cannot be the name of any
            states[file] = None
    return states


def _from_plain(plain: object) -> PipOptions | None:
    """Return stored options; None for a malformed value."""
    if not isinstance(plain, dict) or plain.keys() != _SHAPES.keys():
        return None
    if not all(is_of(value, _SHAPES[key]) for key, value in plain.items()):
        return None
    return PipOptions(**{key: _frozen(value) for key, value in plain.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
