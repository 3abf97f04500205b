"""Credentials in URLs: replaced by the variables that pip reads, so that no file holds them.

pip and uv expand ``${NAME}`` in requirements files, conda in channels; PEP 751 knows no variables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A scheme begins where no other character of one stands before it: searched for in linear time.
_SCHEME = r"(?<![\w+.-])(?P<scheme>[\w+.-]+)://"
_AUTHORITY = re.compile(_SCHEME + r"(?P<login>[^\s/?#]*)@(?P<host>[^\s/?#]*)")
_URL = re.compile(_SCHEME + r"[^\s'\"]+")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_QUERY = re.compile(
    r"(?P<key>[?&](?:[\w-]*(?:token|secret|signature|password|passwd|api[_-]?key)|sig|auth)=)"
    r"(?P<value>[^&#\s]+)",
    re.IGNORECASE,
)
_CHANNEL_TOKEN = re.compile(r"(?P<before>://[^\s/]+/t/)(?P<token>[^/\s]+)")
# Names that say nothing: the secret is what stands beside them.
_PUBLIC = frozenset({"", "git", "hg", "__token__", "oauth2", "x-access-token", "x-oauth-basic"})


def protect(text: str) -> str:
    """Replace the credentials in every URL of a text by variables named for its host.

    >>> protect("--index-url https://me:secret@pypi.example.org/simple")
    '--index-url https://${PYPI_EXAMPLE_ORG_USERNAME}:${PYPI_EXAMPLE_ORG_PASSWORD}@pypi.example.org/simple'
    """
    return _URL.sub(lambda found: _protect_url(found[0]), text)


def strip(url: str) -> str:
    """Drop the credentials of a URL, for formats that know no variables.

    >>> strip("https://me:secret@host/a.whl?token=1&b=2")
    'https://host/a.whl?b=2'
    """
    bare = _AUTHORITY.sub(lambda found: f"{found['scheme']}://{_public_login(found)}", url)
    bare = re.sub(r"(://[^\s/]+)/t/[^/\s]+", r"\1", bare)
    bare = _QUERY.sub(lambda found: found["key"][0], bare)
    return re.sub(r"\?&+", "?", re.sub(r"&{2,}", "&", bare)).rstrip("?&")


def notes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return which variables have to be set before these URLs can be used, a note for each host.

    >>> notes(["https://${TOKEN}@host/simple"])
    ('set TOKEN: the credentials for host are in no file',)
    """
    found: dict[str, dict[str, None]] = {}
    for url in _iter_urls(texts):
        for name in VARIABLE.findall(url):
            found.setdefault(_host(url), {})[name] = None
    return tuple(
        f"set {' and '.join(names)}: the credentials for {host or 'a URL'} are in no file"
        for host, names in sorted(found.items())
    )


def _protect_url(url: str) -> str:
    host = _variable(_host(url))
    url = _AUTHORITY.sub(_protect_login, url)
    url = _QUERY.sub(lambda found: found["key"] + _hidden(found["value"], f"{host}_TOKEN"), url)
    return _CHANNEL_TOKEN.sub(
        lambda found: found["before"] + _hidden(found["token"], f"{host}_TOKEN"), url
    )


def _protect_login(found: re.Match[str]) -> str:
    user, colon, password = found["login"].partition(":")
    prefix = _variable(found["host"])
    if user not in _PUBLIC and "ssh" not in found["scheme"]:
        user = _hidden(user, f"{prefix}_USERNAME" if password else f"{prefix}_TOKEN")
    if password not in _PUBLIC:
        password = _hidden(password, f"{prefix}_PASSWORD")
    return f"{found['scheme']}://{user}{colon}{password}@{found['host']}"


def _public_login(found: re.Match[str]) -> str:
    user = found["login"].partition(":")[0]
    keep = user and ("ssh" in found["scheme"] or user == "git")
    return f"{user}@{found['host']}" if keep else found["host"]


def _hidden(secret: str, name: str) -> str:
    return secret if VARIABLE.fullmatch(secret) else f"${{{name}}}"


def _host(url: str) -> str:
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    return authority.rpartition("@")[2]


def _variable(host: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", host.upper()).strip("_") or "URL"


def _iter_urls(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (found[0] for found in _URL.finditer(text))
