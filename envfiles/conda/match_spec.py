"""The grammar of conda's match specs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..errors import InvalidEntry

_LONGEST = 2_000
_SPEC = re.compile(
    r"(?P<name>[A-Za-z0-9_][\w.-]*|\*)"
    r"(?P<rest>[^\[\]]*)"
    r"(?P<brackets>(?:\[[^\[\]]*(?:\[[^\[\]]*\])?[^\[\]]*\])*)"
)
_PAIR = re.compile(r"""\s*(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,\s]*))\s*(?:,|$)""")
_FILE = re.compile(r"(?P<name>[^/]+)-(?P<version>[^-/]+)-(?P<build>[^-/]+)\.(?:tar\.bz2|conda)$")
_ORDERED = re.compile(r"(?P<clause>[<>]=?[^<>]*?)\.\*")
_RELEASES = 100
_ONE = re.compile(r"={0,2}(?P<version>[0-9][0-9A-Za-z.!_+]*?)(?:\.?\*)?")


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """One dependency of conda, part by part; absent parts are empty."""

    name: str
    version: str = ""
    """The version with its operators: `=1.26`, `>=1,<2`, `1.26|1.27`."""
    build: str = ""
    channel: str = ""
    subdir: str = ""

    @property
    def exact(self) -> str | None:
        """Return the one version that is required, perhaps by its first numbers; None for others.

        >>> parse_match_spec("conda-forge::python=3.11.7").exact
        '3.11.7'
        """
        found = _ONE.fullmatch(self.version)
        return found["version"] if found else None

    def admits(self, version: str) -> bool:
        """Return whether a version is admitted; for one of two numbers, whether any patch of it is.

        >>> [parse_match_spec("python>=3.10.2,<3.12").admits(v) for v in ("3.10", "3.10.1", "3.12")]
        [True, False, False]
        """
        releases = [version]
        if version.count(".") < 2:
            releases += [f"{version}.{number}" for number in range(_RELEASES)]
        try:
            sets = [_specifiers(each) for each in self.version.split("|")]
        except InvalidSpecifier:
            return False
        return any(one.contains(each, prereleases=True) for one in sets for each in releases)


def _specifiers(clauses: str) -> SpecifierSet:
    """Return pip's specifiers for conda's text between two `|`: `=3.11` means all that begin so."""
    translated = []
    for clause in clauses.strip(" ()").split(","):
        one, ordered = _ONE.fullmatch(clause), _ORDERED.fullmatch(clause)
        if one:
            translated.append(f"=={one['version']}.*")
        elif clause not in ("", "*", "=*"):
            translated.append(ordered["clause"] if ordered else clause)
    return SpecifierSet(",".join(translated))


def parse_match_spec(text: str) -> MatchSpec:
    """Read a match spec, in each form that conda reads.

    Raises InvalidEntry if it names no package.

    >>> parse_match_spec("conda-forge::NumPy 1.26.* py311_0")
    MatchSpec(name='numpy', version='1.26.*', build='py311_0', channel='conda-forge', subdir='')
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        raise InvalidEntry(text, f"is longer than any dependency is ({_LONGEST:,} characters)")
    file = _FILE.search(stripped.partition("#")[0]) if "://" in stripped else None
    if file and "::" not in stripped:
        return _of_file(stripped, file)
    channel, separator, spec = stripped.rpartition("::") if "::" in stripped else ("", "", stripped)
    found = _SPEC.fullmatch(spec.strip())
    if found is None or (separator and not channel):
        raise InvalidEntry(text, "is no conda dependency: write one like libgomp=14")
    version, build = _version_and_build(found["rest"].strip())
    fields = _brackets(text, found["brackets"])
    channel, subdir = _subdir(fields.get("channel", channel))
    return MatchSpec(
        name=fields.get("name", found["name"]).lower(),
        version=fields.get("version", version),
        build=fields.get("build", build),
        channel=channel,
        subdir=fields.get("subdir", subdir),
    )


def _of_file(text: str, file: re.Match[str]) -> MatchSpec:
    folder = text[: file.start()].rstrip("/")
    channel, subdir = _subdir(folder)
    return MatchSpec(file["name"].lower(), f"=={file['version']}", file["build"], channel, subdir)


def _version_and_build(text: str) -> tuple[str, str]:
    if text.startswith("=") and not text.startswith("=="):
        version, build = _part(text[1:].strip())
        version, space, last = (version, " ", build) if build else version.partition(" ")
        return f"={version.strip()}", last.strip() if space else ""
    if text.startswith("=="):
        version, build = _part(text[2:].strip().replace(" ", "="))
        return f"=={version}", build.strip("= ")
    # A space may follow an operator or a comma; any other separates version and build.
    joined = re.sub(r"([<>=!~,|])\s+|\s+(?=[,|])", r"\1", text)
    version, _, build = joined.partition(" ")
    if "=" in version and version[0].isdigit():
        version, build = _part(version)
    return version, build.strip()


def _part(text: str) -> tuple[str, str]:
    """Split version and build at the first `=` that begins no version: `1.26|>=1.28=py311`."""
    version, *build = re.split(r"(?<![<>!~=|,])=", text, maxsplit=1)
    return version, "".join(build)


def _brackets(text: str, brackets: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    inner = brackets[1:-1].replace("][", ",")
    while inner.strip():
        found = _PAIR.match(inner)
        if found is None:
            raise InvalidEntry(text, "the part in brackets is not key=value")
        fields[found[1]] = next(each for each in found.groups()[1:] if each is not None)
        inner = inner[found.end() :]
    return fields


def _subdir(channel: str) -> tuple[str, str]:
    before, slash, last = channel.rpartition("/")
    if slash and re.fullmatch(r"noarch|(linux|osx|win|zos|emscripten|wasi)-\w+", last):
        return before, last
    return channel, ""
