"""Lock one environment in the form that an installer reads."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from packaging.utils import parse_wheel_filename

from ..base.siblings import envfiles, resolver
from ..base.text import counted
from ..pins.package_sources import PackageSources
from .errors import NoWheelsError
from .installable import Installable
from .locked_environment import VARIABLE, LockedEnvironment
from .shelf import Shelf

_FOREIGN = "its wheel is for another Python or platform"
_LOGIN = "holds a login and is not written: pass it to the build, --build-arg {}=..."
_VARIABLES = {
    "--index-url": "PIP_INDEX_URL",
    "--extra-index-url": "PIP_EXTRA_INDEX_URL",
    "--find-links": "PIP_FIND_LINKS",
}
_BUILD = "build them here (--build), or provide the wheels (--find-links FOLDER)"


def made_environment(
    name: Literal["model", "server", "tools"],
    choices: Sequence[Installable],
    shelf: Shelf,
    *,
    wheelhouse: bool,
) -> LockedEnvironment:
    """Return the locked environment of the chosen files.

    In a `wheelhouse` every file travels; otherwise only files that no index has. Raises
    NoWheelsError if a wheel can be neither found nor built, SourceError and BuildError.
    """
    _check(choices, shelf, wheelhouse=wheelhouse)
    ready = [each if each.wheels else _built(each, shelf) for each in choices]
    travel = [each for each in ready if wheelhouse or each.is_named_by_url or each.first.is_local]
    elsewhere = sum(not each.first.is_local for each in travel)
    if elsewhere:
        whose = "the tools" if name == "tools" else f"the {name}'s environment"
        shelf.sources.report(f"fetching {counted(elsewhere, 'wheel')} of {whose}")
    wheels = shelf.fetched([each.first for each in travel])
    only = {id(each) for each in travel}
    options, unwritten = ((), ()) if wheelhouse else looked_in(shelf.sources)
    lines = (_line(each, first=id(each) in only) for each in ready)
    return LockedEnvironment(
        name=name,
        lines=tuple(sorted(lines)),
        options=options,
        unwritten=unwritten,
        wheels=tuple(sorted(wheels, key=lambda file: file.name)),
        sources=tuple(sorted(each.name for each in ready if not each.wheels)),
    )


def _check(choices: Sequence[Installable], shelf: Shelf, *, wheelhouse: bool) -> None:
    """Raise NoWheelsError for the names that lack a required wheel, naming all of one reason."""
    refused: dict[str, list[str]] = {}
    for each in choices:
        reason = "" if each.wheels else _why_not(each, shelf, wheelhouse=wheelhouse)
        if reason:
            refused.setdefault(reason, []).append(str(each))
    for reason, names in refused.items():
        raise NoWheelsError(", ".join(names), reason, "" if reason == _FOREIGN else _BUILD)


def _why_not(choice: Installable, shelf: Shelf, *, wheelhouse: bool) -> str:
    """Return why a choice without a wheel is refused; empty if it needs none or is built."""
    if choice.source is not None and choice.source.file.endswith(".whl"):
        return _FOREIGN
    if shelf.builder is not None:
        return ""
    if choice.commit:
        return "it is a commit, for which no installer can check a hash"
    if choice.is_named_by_url:
        return "it is only a source distribution, at an address of its own"
    return "it is only a source distribution, and a wheelhouse needs wheels" if wheelhouse else ""


def _built(choice: Installable, shelf: Shelf) -> Installable:
    """Return a choice with a wheel built from its source, if building was asked for."""
    if shelf.builder is None:
        return choice
    built = shelf.built(choice)
    return replace(choice, wheels=(built,), version=str(parse_wheel_filename(built.file)[1]))


def _line(choice: Installable, *, first: bool) -> str:
    """Return the requirement line, with the hash of the `first` wheel or of all wheels."""
    files = choice.wheels or (choice.first,)
    version = choice.version or str(parse_wheel_filename(files[0].file)[1])
    hashes = {hash_ for file in (files[:1] if first else files) for hash_ in file.hashes}
    entry = envfiles.Entry(
        f"{choice.name}=={version}",
        hashes=tuple(hashes),
        settings=() if choice.wheels else choice.settings,
    )
    return " ".join((entry.requirement, *entry.options))


def looked_in(sources: PackageSources) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the option lines for an installer's indexes, and variables that replace some lines.

    Places that exist only on this machine are left out. A line whose address holds a login is never
    written, unless each secret in it is the name of a variable: such an index must be given by one
    of pip's variables, whose name is returned.
    """
    said = sources.admitted().options.options
    known = resolver.configured_options(sys.executable, sources.settings, said)
    *extra, main = [each for each in known.indexes if _is_of_network(each)] or [""]
    asked = [
        # An installer uses its built-in index by itself.
        ("--index-url", main if main.rstrip("/") != known.built_in.rstrip("/") else ""),
        *(("--extra-index-url", each) for each in extra),
        *(("--find-links", each) for each in known.find_links if _is_of_network(each)),
    ]
    lines, unwritten = ([] if main else ["--no-index"]), []
    for option, address in asked:
        written = sources.variables.hide(address)
        if not _names_all_secrets(written):
            unwritten.append(_VARIABLES[option])
            sources.report(f"{envfiles.mask(written)} {_LOGIN.format(_VARIABLES[option])}")
        elif written:
            lines.append(f"{option} {written}")
    lines += [f"--trusted-host {each}" for each in dict.fromkeys(known.trusted_hosts)]
    return tuple(lines), tuple(dict.fromkeys(unwritten))


def _is_of_network(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https")


def _names_all_secrets(address: str) -> bool:
    """Return whether an address may be written: every secret in it is the name of a variable."""
    user, _, password = urlsplit(address).netloc.rpartition("@")[0].partition(":")
    is_variable = VARIABLE.fullmatch(password)
    shown = address.replace(f"//{user}:", "//:", 1) if is_variable else address
    return envfiles.protect(shown) == shown
