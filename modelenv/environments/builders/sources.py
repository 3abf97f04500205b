"""The places where installers search for files: configured in pip or uv, or by a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import filterfalse

from ...base.addresses.local_places import is_gone
from ...base.siblings import envfiles, resolver
from ..spec import EnvironmentRequest
from .installing import installer_variables

_AS_PIP = "unsafe-best-match"  # pip treats all indexes alike
_UV_LOCATIONS = (
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_NO_INDEX",
)


# pip's option for each variable of uv's, older names last, with the separator of its values: white
# space if None, a flag if empty.
_UV_OPTIONS = (
    ("--no-index", ("UV_NO_INDEX",), ""),
    ("--index-url", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), None),
    ("--extra-index-url", ("UV_INDEX", "UV_EXTRA_INDEX_URL"), None),
    ("--find-links", ("UV_FIND_LINKS",), ","),
)
_TRUE = ("1", "true", "yes", "on", "t", "y")
_INDEXES = ("--index-url", "--extra-index-url", "--no-index")
_SOURCES = (*_INDEXES, "--find-links")


def uv_sources(request: EnvironmentRequest, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return uv's sources: from its variables, else from pip's configuration, and the folder's.

    Configuration files of uv are not read.
    """
    said = with_pip_locations(installer_variables(environment), request)
    configured = [
        f"{option} {value}".rstrip()
        for option, names, between in _UV_OPTIONS
        for value in _values(said, names, between)
    ]
    return sources_of(configured, request)


def pip_sources(request: EnvironmentRequest) -> tuple[str, ...]:
    """Return the sources of the pip of a request's interpreter; empty if it has no pip."""
    try:
        pip = resolver.configured_options(str(request.python.executable))
    except resolver.ResolverError:
        return ()
    *others, index = pip.indexes or ("",)
    return (
        f"--index-url {index}" if index else "--no-index",
        *(f"--extra-index-url {url}" for url in others),
        *(f"--find-links {place}" for place in pip.find_links),
    )


def sources_of(configured: Iterable[str], request: EnvironmentRequest) -> tuple[str, ...]:
    """Return configured sources with those of the folder's option lines, logins hidden.

    A folder's own index replaces the configured ones, as for pip. The wheels that travel with it
    are not listed: they are the same wherever the folder is.
    """
    own_wheels = {f"--find-links {wheel.parent.as_uri()}" for wheel in request.wheels}
    options = (line for line in request.contents.options if line not in own_wheels)
    said = [line for line in options if line.startswith(_SOURCES)]
    own = any(line.startswith(("--index-url", "--no-index")) for line in said)
    kept = [line for line in configured if not (own and line.startswith(_INDEXES))]
    return tuple(dict.fromkeys(map(envfiles.mask, (*kept, *said))))


def _values(
    variables: Mapping[str, str], names: Sequence[str], between: str | None
) -> Sequence[str]:
    """Return the values of the first variable that is set; a flag has one empty value."""
    text = next((variables[name] for name in names if variables.get(name)), "")
    if not text:
        return ()
    if between == "":
        return ("",) if text.lower() in _TRUE else ()
    return [part for part in (text.split(between) if between else text.split()) if part]


def with_pip_locations(environment: dict[str, str], request: EnvironmentRequest) -> dict[str, str]:
    """Return the variables with pip's locations, if none are configured for uv."""
    if any(line.startswith("--extra-index-url") for line in request.contents.options):
        environment = {"UV_INDEX_STRATEGY": _AS_PIP, **environment}
    located = as_pip_of(str(request.python.executable), environment)
    if any(line.startswith("--index-url") for line in request.contents.options):
        # In uv a variable overrides the file of lines with the folder's index.
        located = {**located, "UV_DEFAULT_INDEX": environment.get("UV_DEFAULT_INDEX", "")}
    return {name: value for name, value in located.items() if value or not name.startswith("UV_")}


def as_pip_of(python: str, environment: dict[str, str]) -> dict[str, str]:
    """Return the variables with the locations of an interpreter's pip, if none are set for uv."""
    if any(name in environment for name in _UV_LOCATIONS):
        return environment
    try:
        pip = resolver.configured_options(python)
    except resolver.ResolverError:  # without a pip to ask, uv uses the public index
        return environment
    *others, index = pip.indexes or ("",)
    added = {
        "UV_DEFAULT_INDEX": index,
        "UV_INDEX": " ".join(others),
        "UV_INDEX_STRATEGY": _AS_PIP if others else "",
        "UV_NO_INDEX": "" if index else "1",
        "UV_FIND_LINKS": ",".join(filterfalse(is_gone, pip.find_links)),
        "UV_INSECURE_HOST": " ".join(pip.trusted_hosts),
        "SSL_CERT_FILE": pip.certificates or "",
    }
    return {**{name: value for name, value in added.items() if value}, **environment}
