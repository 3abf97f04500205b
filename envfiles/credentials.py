"""Credentials in URLs: what of an address is one, and what is written or shown in its place.

In files variables stand for them, which pip and uv expand in requirements files (``${NAME}``), and
conda in channels; PEP 751 knows no variables. What is printed has stars. All of it goes by one
answer to what is secret, :func:`_rewritten`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# A scheme begins where no other character of one stands before it: searched for in linear time.
_SCHEME = r"(?<![\w+.-])(?P<scheme>[\w+.-]+)://"
_AUTHORITY = re.compile(_SCHEME + r"(?P<login>[^\s/?#]*)@(?P<host>[^\s/?#]*)")
_URL = re.compile(_SCHEME + r"[^\s'\"<>`]+")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_KEYED = re.compile(  # of a query or a fragment
    r"(?P<key>[?&;#](?:[\w.-]*(?:token|secret|signature|credential|password|passwd|api[_-]?key"
    r"|access[_-]?key)s?|sig|auth|key|jwt|pat)=)(?P<value>[^&;#\s]+)",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(r"#(?P<value>(?=[^=#]*\d)(?=[^=#]*[A-Za-z])[^=&/#\s]{8,})$")
_CHANNEL_TOKEN = re.compile(r"(?P<key>://[^\s/?#]+/t/)(?P<value>[^/?#\s]+)")
# What stands behind such a folder is a token, unless it is a version, a file or the end of an API.
_NAMED_SEGMENT = re.compile(
    r"(?P<key>(?<![/:])/(?:auth|secret|tokens?|api[_-]?key|access[_-]?token|password|pat|jwt)/)"
    r"(?P<value>(?!(?:simple|pypi|legacy|api|v?\d[\d.]*)(?:[/?#]|$))[^/?#.\s]{3,})",
    re.IGNORECASE,
)
# So do tokens look that stand in the path of an index (Cloudsmith's, Packagecloud's). A file, or
# what a version control system has, is named by such digests, which are no secrets.
_RANDOM = re.compile(
    r"(?P<key>/)(?P<value>(?=[A-Za-z0-9]{16,}(?:[/?#]|$))(?:[A-Za-z]+\d+){4,}[A-Za-z]*|"
    r"(?=[A-Za-z0-9]{16,}(?:[/?#]|$))(?:\d+[A-Za-z]+){4,}\d*)(?=[/?#]|$)"
)
_FILE = re.compile(r"\.(?:whl|zip|tgz|gz|bz2|xz|conda|git|egg|json|html?|metadata)(?:[@?#]|$)")
_STARS = "****"
_TOO_SHORT = 4  # characters of what may stand in many words
# Names that say nothing: the secret is what stands beside them.
_PUBLIC = frozenset({"", "git", "hg", "__token__", "oauth2", "x-access-token", "x-oauth-basic"})


def protect(text: str) -> str:
    """Replace the credentials in every URL of a text by variables named for its host.

    >>> protect("--index-url https://me:secret@pypi.example.org/simple")
    '--index-url https://${PYPI_EXAMPLE_ORG_USERNAME}:${PYPI_EXAMPLE_ORG_PASSWORD}@pypi.example.org/simple'
    """
    return _URL.sub(lambda found: _protected(found[0]), text)


def mask(text: str) -> str:
    """Put stars for the credentials in every URL of a text.

    What names a variable says nothing, and stays.

    >>> mask("a @ https://me:secret@host/a.whl"), mask("-i https://${TOKEN}@host")
    ('a @ https://****@host/a.whl', '-i https://${TOKEN}@host')
    """
    return _URL.sub(lambda found: _masked(found[0]), text) if "://" in text else text


def secrets_in(text: str) -> frozenset[str]:
    """Return the credentials in the URLs of a text, each as it stands, decoded and encoded.

    >>> sorted(secrets_in("https://me:p%40ssword@host/simple?token=abcdef"))
    ['abcdef', 'p%40ssword', 'p@ssword']
    """
    found: set[str] = set()

    def note(_: str, secret: str) -> str:
        found.add(secret)
        return secret

    for url in _iter_urls([text]):
        _rewritten(url, note)
    return twins(each for each in found if not VARIABLE.search(each))


def twins(secrets: Iterable[str]) -> frozenset[str]:
    """Return secrets as they are, decoded and encoded; without those that many words hold."""
    forms = {
        form for each in secrets for form in (each, unquote(each), quote(unquote(each), safe=""))
    }
    return frozenset(each for each in forms if len(each) >= _TOO_SHORT)


def strip(url: str) -> str:
    """Drop the credentials of a URL, for formats that know no variables.

    >>> strip("https://me:secret@host/a.whl?token=1&b=2")
    'https://host/a.whl?b=2'
    """
    bare = _AUTHORITY.sub(lambda found: f"{found['scheme']}://{_public_login(found)}", url)
    bare = re.sub(r"(://[^\s/]+)/t/[^/\s]+", r"\1", bare)
    bare = _KEYED.sub(lambda found: found["key"][0], bare)
    return re.sub(r"\?&+", "?", re.sub(r"&{2,}", "&", bare)).rstrip("?&#")


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


def _rewritten(url: str, put: Callable[[str, str], str]) -> str:
    """Return a URL with what `put` gives for each secret in it, told what that is: its kind."""

    def login(found: re.Match[str]) -> str:
        user, colon, password = found["login"].partition(":")
        if user not in _PUBLIC and "ssh" not in found["scheme"]:
            user = _put("USERNAME" if password else "TOKEN", user)
        if password not in _PUBLIC:
            password = _put("PASSWORD", password)
        return f"{found['scheme']}://{user}{colon}{password}@{found['host']}"

    def token(found: re.Match[str]) -> str:
        before = found.groupdict().get("key", "#")
        return f"{before}{_put('TOKEN', found['value'])}"

    def _put(kind: str, secret: str) -> str:
        return secret if VARIABLE.fullmatch(secret) or secret == _STARS else put(kind, secret)

    url = _AUTHORITY.sub(login, url)
    url = _KEYED.sub(token, url)
    if url.startswith("file:"):
        return url
    url = _NAMED_SEGMENT.sub(token, _CHANNEL_TOKEN.sub(token, url))
    if _FILE.search(url):
        return url
    url = _FRAGMENT.sub(token, url)
    return _RANDOM.sub(token, url) if url.startswith(("https://", "http://")) else url


def _protected(url: str) -> str:
    prefix = _variable(_host(url))
    return _rewritten(url, lambda kind, _: f"${{{prefix}_{kind}}}")


def _masked(url: str) -> str:
    shown = _rewritten(url, lambda _, __: _STARS)
    return shown.replace(f"://{_STARS}:{_STARS}@", f"://{_STARS}@")


def _public_login(found: re.Match[str]) -> str:
    user = found["login"].partition(":")[0]
    keep = user and ("ssh" in found["scheme"] or user == "git")
    return f"{user}@{found['host']}" if keep else found["host"]


def _host(url: str) -> str:
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    return authority.rpartition("@")[2]


_SPELLED = {".": "_", ":": "_", "-": "__", "_": "___"}


def _variable(host: str) -> str:
    """Return a name for a host that a shell takes (POSIX), and that no other host has.

    >>> _variable("a-b.org"), _variable("a.b.org:80"), _variable("127.0.0.1")
    ('A__B_ORG', 'A_B_ORG_80', '_127_0_0_1')
    """
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        ascii_host = quote(host)
    letters = (_SPELLED.get(each, each if each.isalnum() else "_") for each in ascii_host.upper())
    name = "".join(letters).strip("_") or "URL"
    return f"_{name}" if name[0].isdigit() else name


def _iter_urls(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (found[0] for found in _URL.finditer(text))
