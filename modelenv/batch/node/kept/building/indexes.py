"""The indexes of an installer on a node, from that node's pip configuration."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

# Variables that redirect an installer to another place than the given environment.
_REDIRECTING = (
    *("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"),
    *("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV", "UV_PYTHON", "UV_PROJECT"),
)
_OF_UV = (
    *("UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX", "UV_INDEX_URL"),
    "UV_NO_INDEX",
)
_SECTIONS = ("global", "install")  # later ones override, as in pip
_OPTIONS = ("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert")
_TRUE = ("1", "true", "yes", "on")
_AS_PIP = "unsafe-best-match"  # pip treats all indexes alike


def installer_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for an installer, without those that redirect it elsewhere."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _REDIRECTING and (value or not name.startswith("UV_"))
    }


def pip_settings(environment: Mapping[str, str], prefix: str = sys.prefix) -> dict[str, str]:
    """Return the configuration of this node's pip, from its files and variables, as options.

    The file of the engine's environment `prefix` is included. The options may contain logins.
    """
    said: dict[str, str] = {}
    for file in _files(environment, prefix):
        read = configparser.RawConfigParser(strict=False)
        try:
            read.read(file, "utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue  # pip itself will report the error
        for section in filter(read.has_section, _SECTIONS):
            found = {name.replace("_", "-"): value for name, value in read.items(section)}
            said |= {name: found[name] for name in _OPTIONS if name in found}
    variables = {name: environment.get(_variable(name)) for name in _OPTIONS}
    return {**said, **{name: value for name, value in variables.items() if value}}


def for_pip(environment: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the pip of another environment than the engine's."""
    flat = {_variable(name): " ".join(value.split()) for name, value in settings.items()}
    return {**flat, **installer_variables(environment)}


def for_uv(
    environment: Mapping[str, str], settings: Mapping[str, str], options: Sequence[str]
) -> dict[str, str]:
    """Return the variables for uv, which ignores pip's: with pip's locations, unless uv has some.

    `options` are the option lines of a model that locate files.
    """
    variables = installer_variables(environment)
    extra = " ".join(settings.get("extra-index-url", "").split())
    if extra or any(line.startswith("--extra-index-url") for line in options):
        variables = {"UV_INDEX_STRATEGY": _AS_PIP, **variables}
    if not any(name in variables for name in _OF_UV):
        own = any(line.startswith("--index-url") for line in options)
        said = {
            "UV_DEFAULT_INDEX": "" if own else settings.get("index-url", ""),
            "UV_INDEX": extra,
            "UV_NO_INDEX": "1" if settings.get("no-index", "").lower() in _TRUE else "",
            "UV_FIND_LINKS": ",".join(settings.get("find-links", "").split()),
            "UV_INSECURE_HOST": " ".join(settings.get("trusted-host", "").split()),
            "SSL_CERT_FILE": settings.get("cert", ""),
        }
        variables = {**{name: value for name, value in said.items() if value}, **variables}
    return variables


def _variable(option: str) -> str:
    """Return the variable of a pip option."""
    return f"PIP_{option.upper().replace('-', '_')}"


def _files(environment: Mapping[str, str], prefix: str) -> Iterator[Path]:
    """Yield pip's configuration files in rising order of precedence."""
    if environment.get("PIP_CONFIG_FILE") == os.devnull:
        return
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.home())
    for folder in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep):
        yield Path(folder, "pip", name)
    yield Path("/etc", name)
    yield home / (".pip" if os.name != "nt" else "pip") / name
    if os.name == "nt":
        yield Path(environment.get("APPDATA") or home, "pip", name)
    elif sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / name
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config", "pip", name)
    yield Path(prefix, name)
    if said := environment.get("PIP_CONFIG_FILE"):
        yield Path(said)
