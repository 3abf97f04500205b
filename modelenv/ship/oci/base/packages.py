"""The C library and the Debian packages of a base image."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ....system.bases import release_said
from ...errors import NoImageError
from ...image import SystemPackage
from .tree import Tree

Has = Callable[[str], bool]
"""Returns whether a base has a part that a package is needed for: a soname, program or path."""
_STATUS = "/var/lib/dpkg/status"
_STATUS_FOLDER = "/var/lib/dpkg/status.d"
_APK = "/lib/apk/db/installed"
_APK_FILE = re.compile(r"(?:usr/)?lib/apk/db/installed")
_LIBRARY = re.compile(r"(?:.*/)?libc(?:\.so\.6|-2\.\d+\.so)")
_SAID = re.compile(rb"GNU C Library [^\n]{0,200}release version (\d+)\.(\d+)")
_VERSION = re.compile(r"(?:\d+:)?(\d+)\.(\d+)")
_PLAIN = re.compile(r"[\w./+][\w./+-]*", re.ASCII)
_RPM = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
_RPM_PROGRAMS = ("dnf", "microdnf", "tdnf", "yum", "zypper")
_RELEASES = ("/etc/os-release", "/usr/lib/os-release")
_LARGEST_RELEASE = 64 << 10
_LARGEST_STATUS = 16 << 20
_LARGEST_LIBRARY = 8 << 20


def kept(path: str) -> int:
    """Return how many bytes of the file at a path have to be kept, to be read here."""
    if f"/{path}".startswith(_STATUS) or _APK_FILE.fullmatch(path):
        return _LARGEST_STATUS
    if f"/{path}" in _RELEASES:
        return _LARGEST_RELEASE
    # A backup of a list, as dpkg makes it, is harmless and small.
    return _LARGEST_LIBRARY if _LIBRARY.fullmatch(path) else 0


def release(tree: Tree) -> str:
    """Return the release of an image, as `modelenv.system.bases` names it; empty if unknown.

    It is read from the file of os-release(5).
    """
    found = next(filter(None, map(tree.file, _RELEASES)), None)
    return release_said(found.node.content.decode("utf-8", "replace")) if found else ""


@dataclass(frozen=True, slots=True)
class CLibrary:
    """A C library and its version, which decide which compiled wheels run."""

    kind: str
    """``glibc`` or ``musl``."""
    major: int
    minor: int

    def __str__(self) -> str:
        """Return its name and version."""
        return f"{self.kind} {self.major}.{self.minor}"

    @property
    def tag(self) -> str:
        """The prefix of the wheel tags that run with it (PEPs 600 and 656)."""
        name = "manylinux" if self.kind == "glibc" else "musllinux"
        return f"{name}_{self.major}_{self.minor}"


def c_library(tree: Tree, where: str) -> CLibrary:
    """Return the C library of an image. Raises NoImageError if it cannot be determined."""
    for content in _iter_libraries(tree):
        said = _SAID.search(content)
        if said:
            return CLibrary("glibc", int(said[1]), int(said[2]))
    packages = {**(installed(tree) or {}), **of_apk(tree)}
    for package, kind in (("libc6", "glibc"), ("musl", "musl")):
        found = _VERSION.match(packages.get(package, ""))
        if found:
            return CLibrary(kind, int(found[1]), int(found[2]))
    raise NoImageError(
        where,
        "its C library is unknown (it has no libc.so.6, and no list of dpkg or apk), so no wheel"
        " can be chosen for it",
        "take a base that has Python, as python:3.12-slim or a Debian with python3",
    )


def installed(tree: Tree) -> Mapping[str, str] | None:
    """Return the version of each Debian package, by its name and the names that it provides.

    None if the base has no list of packages, so that nothing is known to be there.
    """
    texts = [found.node.content for found in [tree.file(_STATUS)] if found]
    # Images of single unpacked packages, such as distroless.
    texts += [node.content for _, node in tree.files_in(_STATUS_FOLDER)]
    if not texts:
        return None
    packages = [fields for text in texts for fields in _iter_installed(text)]
    provided = {
        name.split("(")[0].strip(): fields.get("Version", "")
        for fields in packages
        for name in fields.get("Provides", "").split(",")
    }
    return provided | {fields["Package"]: fields.get("Version", "") for fields in packages}


def check(needed: Iterable[SystemPackage], tree: Tree, where: str, has: Has) -> None:
    """Raise NoImageError with the packages that are needed and that the base does not have.

    A package is there if the base's list says so, or if the base `has` all parts that it is needed
    for, from whatever source.
    """
    there = installed(tree)
    lacking = [
        each
        for each in needed
        if not (there and _is_in(each.package, there)) and not _is_at_hand(each, has)
    ]
    if not lacking:
        return
    why = "; ".join(f"{each.package} ({each.why})" for each in lacking)
    reason = f"the model needs Debian packages that it lacks: {why}"
    if there is None:
        reason = f"it has no list of Debian packages, and lacks files of these: {why}"
    named = " ".join(f"--base-has {each.package}" for each in lacking)
    raise NoImageError(
        where,
        reason,
        "layers are only added, and nothing is run: take a base that has them"
        f" ({_way(lacking, tree)}), pass {named} if it has them in another way, or use"
        " `modelenv build-docker` with a Debian",
    )


def _is_at_hand(package: SystemPackage, has: Has) -> bool:
    """Return whether a base has the needed parts of a package, of unknown version."""
    return "=" not in package.package and bool(package.asks) and all(map(has, package.asks))


def _way(lacking: Iterable[SystemPackage], tree: Tree) -> str:
    """Return a hint on how to add packages to a base, in terms of its package manager."""
    names = " ".join(each.package for each in lacking)
    asks = dict.fromkeys(ask for each in lacking for ask in each.asks)
    asked = [each for each in asks if _PLAIN.fullmatch(each)]  # the names may be untrusted
    if installed(tree) is not None:
        return (
            "in a Dockerfile of it `RUN apt-get update && apt-get install -y"
            f" --no-install-recommends {names}`"
        )
    if tree.find(_APK):
        words = " ".join(_for_apk(each) for each in asked if each[0] != "/") or "…"
        return f"in a Dockerfile of it `RUN apk add --no-cache {words}`"
    if any(tree.find(folder) for folder in _RPM):
        programs = (name for name in _RPM_PROGRAMS if tree.find(f"/usr/bin/{name}"))
        words = " ".join(map(_for_rpm, asked)) or "…"
        return f"in a Dockerfile of it `RUN {next(programs, 'dnf')} install -y {words}`"
    return f"install there what has {', '.join(asked)}" if asked else "or one of Debian's"


def _for_apk(asked: str) -> str:
    return f"so:{asked}" if ".so" in asked else f"cmd:{asked}"


def _for_rpm(asked: str) -> str:
    if asked.startswith("/"):
        return asked
    return f"'{asked}()(64bit)'" if ".so" in asked else f"/usr/bin/{asked}"


def _is_in(package: str, there: Mapping[str, str]) -> bool:
    """Return whether a package is installed, named as for apt: ``NAME:ARCHITECTURE=VERSION``."""
    name, _, version = package.partition("=")
    found = there.get(name.partition(":")[0])
    return found is not None and version in {"", found}


def _iter_libraries(tree: Tree) -> Iterator[bytes]:
    folders = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"]
    for folder in ("/lib", "/usr/lib"):
        found = tree.find(folder)
        names = found.node.children if found is not None else {}
        folders += [f"{folder}/{name}" for name in sorted(names) if name.endswith("-linux-gnu")]
    for folder in folders:
        found = tree.file(f"{folder}/libc.so.6")  # in old releases, a link to the version
        if found is not None:
            yield found.node.content


def _iter_installed(text: bytes) -> Iterator[dict[str, str]]:
    """Yield the entry of each installed package in dpkg's list (deb822, dpkg(1))."""
    for fields in _iter_paragraphs(text):
        # Packages that were only unpacked have no status.
        state = fields.get("Status", "installed").split()[-1:]
        if fields.get("Package") and state == ["installed"]:
            yield fields


def _iter_paragraphs(text: bytes) -> Iterator[dict[str, str]]:
    for paragraph in text.decode("utf-8", "replace").split("\n\n"):
        pairs = (line.partition(":") for line in paragraph.splitlines() if line[:1].strip())
        yield {key: value.strip() for key, _, value in pairs}


def of_apk(tree: Tree) -> Mapping[str, str]:
    """Return the version of each package of Alpine or Wolfi, by name."""
    found = tree.file(_APK)
    text = found.node.content if found is not None else b""
    fields = _iter_paragraphs(text)
    return {each["P"]: each.get("V", "") for each in fields if "P" in each}
