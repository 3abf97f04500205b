"""Credentials in URLs: found, and replaced by variables in files, by stars in messages.

pip and uv expand variables in requirements files (``${NAME}``), and conda in channels; PEP 751 has
no variables. One function defines what is secret, :func:`_rewritten`.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The scheme starts at the first character that can belong to it: found in linear time.
_SCHEME = r"(?<![\w+.-])(?P<scheme>[\w+.-]+)://"
_START = re.compile(_SCHEME)
# An unencoded login may hold characters that end an authority: after a colon anything but a port is
# a password. Its length is bounded, for linear time.
_LOGIN = r"(?:[^\s/?#]*@|[^\s/?#:@\[\]]*:(?!\d*(?:[/?#]|$))\S{0,500}@)?"
_URL = re.compile(
    "|".join(
        (
            *(f"(?<={left})[\\w+.-]+://[^\\s{right}]+" for left, right in ("''", '""', "<>", "``")),
            _SCHEME + _LOGIN + r"[^\s'\"<>`]*",
        )
    )
)
_PORT = re.compile(r"\d*|\$\{\w+\}", re.ASCII)
_HOST = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+|localhost|[\w-]+(?=:))(?::\d+)?/")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OF_SHELLS = r"\$(?:\{([^{}]+)\}|(\w+))"
OF_CONDA = re.compile(_OF_SHELLS + (r"|%([^%\s]+)%" if os.name == "nt" else ""), re.ASCII)
"""A variable in conda's syntax for channels; the one group that matches is its name."""
_MEANT = re.compile(r"\$(?:\{[^{}]+\}|[A-Z_][A-Z0-9_]*)", re.ASCII)  # other users have a password
_KEYED = re.compile(  # of a query or a fragment
    r"(?P<key>[?&;#](?:[\w.-]*(?:token|secret|signature|credential|password|passwd|api[_-]?key"
    r"|access[_-]?key)s?|sig|auth|key|jwt|pat|pass|pwd|code|bearer)=)(?P<value>[^&;#\s'\"<>`]+)",
    re.IGNORECASE,
)
_ENCODED = re.compile(  # an address inside a query
    r"(?P<key>(?<![\w+.-])[\w+.-]{1,40}%3A%2F%2F)(?P<value>[^\s/?#&;'\"<>`]{1,500})(?=%40)",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?P<before>\burl: )(?P<path>/[^\s'\"<>`]*)")  # as urllib3 recognises one
_NO_SCHEME = re.compile(
    r"(?P<key>(?<![\w+./:-])(?:[A-Za-z][\w+.-]{0,20}:/|//))(?P<value>[^\s/?#@:]+:[^\s/?#@]+)(?=@)"
)
_TOKEN = re.compile(  # tokens of GitHub, GitLab and PyPI have these prefixes anywhere
    r"(?P<key>(?<![A-Za-z0-9]))(?P<value>gh[oprsu]_[A-Za-z0-9]{16,}|github_pat_\w{16,}"
    r"|glpat-[\w-]{16,}|pypi-AgE[\w-]{16,})"
)
_FRAGMENT = re.compile(r"#(?P<value>(?=[^=#]*\d)(?=[^=#]*[A-Za-z])[^=&/#\s]{8,})$")
_CHANNEL_TOKEN = re.compile(r"(?P<key>://[^\s/?#]+/t/)(?P<value>[^/?#\s]+)")
# The part after such a folder is a token, unless it is a version, a file or the end of an API.
_NAMED_SEGMENT = re.compile(
    r"(?P<key>(?<![/:])/(?:auth|secret|(?:\w{0,20}[_-])?tokens?_?|api[_-]?key|password|pat|jwt)[/=:])"
    r"(?P<value>(?!(?:simple|pypi|legacy|api|v?\d[\d.]*)(?:[/?#]|$))[^/?#.\s]{3,})",
    re.IGNORECASE,
)
# Tokens in the path of an index (Cloudsmith's, Packagecloud's) look like this. Files, and revisions
# of version control, may have such digests, which are no secrets.
_RANDOM = re.compile(
    r"(?P<key>/)(?P<value>(?=[A-Za-z0-9]{16,}(?:[/?#]|$))(?:[A-Za-z]+\d+){4,}[A-Za-z]*|"
    r"(?=[A-Za-z0-9]{16,}(?:[/?#]|$))(?:\d+[A-Za-z]+){4,}\d*)(?=[/?#]|$)"
)
_FILE = re.compile(r"\.(?:whl|zip|tgz|gz|bz2|xz|conda|git|egg|json|html?|metadata)(?:[@?#]|$)")
_STARS = "****"
_AT = "https://host"
_TOO_SHORT = 4  # characters of a text that may be part of many words
_WORD = 6  # characters of a part of a secret that counts as a secret itself
# User names that are no secret: the password beside them is.
_PUBLIC = frozenset({"", "git", "hg", "__token__", "oauth2", "x-access-token", "x-oauth-basic"})


def protect(text: str, channels: Iterable[str] = ()) -> str:
    """Replace the credentials in every URL of a text by variables named for its host.

    Variables in conda's syntax in the `channels` of a text stay.

    >>> protect("--index-url https://me:secret@pypi.example.org/simple")
    '--index-url https://${PYPI_EXAMPLE_ORG_USERNAME}:${PYPI_EXAMPLE_ORG_PASSWORD}@pypi.example.org/simple'
    """
    named = frozenset(name for each in channels for name in _MEANT.findall(each))
    return _URL.sub(lambda found: _protected(found[0], named), text)


def mask(text: str) -> str:
    """Replace the credentials in every URL of a text by stars.

    Names of variables are no secret, and stay.

    >>> mask("a @ https://me:secret@host/a.whl"), mask("-i https://${TOKEN}@host")
    ('a @ https://****@host/a.whl', '-i https://${TOKEN}@host')
    """
    text = _URL.sub(lambda found: _masked(found[0]), text) if "://" in text else text
    if "url: /" in text:
        text = _PATH.sub(
            lambda found: found["before"] + _masked(_AT + found["path"])[len(_AT) :], text
        )
    for pattern in (_NO_SCHEME, _ENCODED, _KEYED, _TOKEN):
        text = pattern.sub(_starred, text)
    return text


def secrets_in(text: str) -> frozenset[str]:
    """Return the credentials in the URLs of a text, each as written, decoded and encoded.

    >>> sorted(secrets_in("https://me:p%40ssword@host/simple?token=abcdef"))
    ['abcdef', 'p%40ssword', 'p@ssword']
    """
    found: set[str] = set()

    def note(_: str, secret: str) -> str:
        found.add(secret)
        return secret

    for url in _iter_urls([text]):
        _rewritten(url, note)
    # Programs take a part of an unencoded one for a port, and show it.
    found |= {part for each in found for part in re.split("[/?#]", each) if len(part) >= _WORD}
    return twins(each for each in found if not VARIABLE.search(each))


def twins(secrets: Iterable[str]) -> frozenset[str]:
    """Return secrets as they are, decoded and encoded; without those that many words contain."""
    forms = {
        form for each in secrets for form in (each, unquote(each), quote(unquote(each), safe=""))
    }
    return frozenset(each for each in forms if len(each) >= _TOO_SHORT)


def strip(url: str) -> str:
    """Remove the credentials of a URL, for formats without variables.

    >>> strip("https://me:secret@host/a.whl?token=1&b=2")
    'https://host/a.whl?b=2'
    """
    bare = "".join(
        f"{scheme}{_public(scheme, login)}{rest}" for scheme, login, rest in _parted(url)
    )
    bare = re.sub(r"(://[^\s/]+)/t/[^/\s]+", r"\1", bare)
    bare = _KEYED.sub(lambda found: found["key"][0], bare)
    return re.sub(r"\?&+", "?", re.sub(r"&{2,}", "&", bare)).rstrip("?&#")


def notes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return a note for each host on the variables that have to be set to use these URLs.

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


def _rewritten(
    url: str, put: Callable[[str, str], str], named: frozenset[str] = frozenset()
) -> str:
    """Return a URL with each secret replaced by what `put` returns for its kind.

    A `named` secret is a variable, spelled as written.
    """

    def token(found: re.Match[str]) -> str:
        before = found.groupdict().get("key", "#")
        return f"{before}{put_one('TOKEN', found['value'])}"

    def put_one(kind: str, secret: str) -> str:
        is_name = VARIABLE.fullmatch(secret) or secret in named or secret == _STARS
        return secret if is_name else put(kind, secret)

    url = "".join(
        f"{scheme}{_login(scheme, login, put_one)}{rest}" for scheme, login, rest in _parted(url)
    )
    for pattern in (_KEYED, _ENCODED, _TOKEN):
        url = pattern.sub(token, url)
    if url.startswith("file:"):
        return url
    url = _NAMED_SEGMENT.sub(token, _CHANNEL_TOKEN.sub(token, url))
    if _FILE.search(url):
        return url
    url = _FRAGMENT.sub(token, url)
    return _RANDOM.sub(token, url) if url.startswith(("https://", "http://")) else url


def _login(scheme: str, login: str | None, put: Callable[[str, str], str]) -> str:
    if login is None:
        return ""
    user, colon, password = login.partition(":")
    if user not in _PUBLIC and "ssh" not in scheme:
        user = put("USERNAME" if password else "TOKEN", user)
    if password not in _PUBLIC:
        password = put("PASSWORD", password)
    return f"{user}{colon}{password}@"


def _parted(url: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield scheme, login and rest of an address, and of each address inside it."""
    starts = [found.start() for found in _START.finditer(url)] or [len(url)]
    yield url[: starts[0]], None, ""
    for start, end in pairwise((*starts, len(url))):
        scheme, mark, rest = url[start:end].partition("://")
        at = _end_of_login(scheme, rest)
        login = None if at < 0 else rest[:at]
        yield scheme + mark, login, rest[at + 1 :]


def _end_of_login(scheme: str, rest: str) -> int:
    """Return the position of the `@` after a login; -1 without a login.

    An unencoded password may hold characters that end an authority.
    """
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    last = rest.rfind("@")
    if "@" in authority or last < 0 or "ssh" in scheme or authority.startswith("["):
        return authority.rfind("@")
    user, colon, port = authority.partition(":")
    if not _PORT.fullmatch(port):
        return last
    # It may be a port too, and the path of a version control system may hold an `@`.
    is_login = colon and port and "." not in user and _HOST.match(rest, last + 1)
    return last if is_login and scheme in ("http", "https") else -1


def _protected(url: str, named: frozenset[str]) -> str:
    prefix = _variable(_host(url))
    return _rewritten(url, lambda kind, _: f"${{{prefix}_{kind}}}", named)


def _masked(url: str) -> str:
    shown = _rewritten(url, lambda _, __: _STARS)
    return shown.replace(f"://{_STARS}:{_STARS}@", f"://{_STARS}@")


def _starred(found: re.Match[str]) -> str:
    value = found["value"]
    return found[0] if VARIABLE.fullmatch(value) else f"{found['key']}{_STARS}"


def _public(scheme: str, login: str | None) -> str:
    user = (login or "").partition(":")[0]
    return f"{user}@" if user and ("ssh" in scheme or user == "git") else ""


def _host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return re.split(r"[/?#]", rest[_end_of_login(scheme, rest) + 1 :], maxsplit=1)[0]


_LABEL = re.compile(r"[^.:]+")
_SPELLED = {".": "_", ":": "_", "-": "__", "_": "___"}


def _in_ascii(label: re.Match[str]) -> str:
    return label[0] if label[0].isascii() else f"xn--{label[0].encode('punycode').decode()}"


def _variable(host: str) -> str:
    """Return a variable name for a host, valid in a shell (POSIX), and unique to the host.

    >>> _variable("a-b.org"), _variable("a.b.org:80"), _variable("127.0.0.1")
    ('A__B_ORG', 'A_B_ORG_80', '_127_0_0_1')
    """
    # IDNA is not used: its versions give some hosts the name of another.
    ascii_host = _LABEL.sub(_in_ascii, host.lower())
    letters = (_SPELLED.get(each, each if each.isalnum() else "_") for each in ascii_host.upper())
    name = "".join(letters).strip("_") or "URL"
    return f"_{name}" if name[0].isdigit() else name


def _iter_urls(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (found[0] for found in _URL.finditer(text))
