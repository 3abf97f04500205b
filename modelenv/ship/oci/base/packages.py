"""What stands in a base image besides Python: its C library, and its Debian packages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ....system.bases import release_said
from ...errors import NoImageError
from ...image import SystemPackage
from . import archive
from .image import BaseImage
from .tree import Tree

_STATUS = "/var/lib/dpkg/status"
_STATUS_FOLDER = "/var/lib/dpkg/status.d"
_APK = "/lib/apk/db/installed"
_APK_FILE = re.compile(r"(?:usr/)?lib/apk/db/installed")
_LIBRARY = re.compile(r"(?:.*/)?libc(?:\.so\.6|-2\.\d+\.so)")
_SAID = re.compile(rb"GNU C Library [^\n]{0,200}release version (\d+)\.(\d+)")
_VERSION = re.compile(r"(?:\d+:)?(\d+)\.(\d+)")
_RELEASES = ("/etc/os-release", "/usr/lib/os-release")
_LARGEST_RELEASE = 64 << 10
_LARGEST_STATUS = 16 << 20
_LARGEST_LIBRARY = 8 << 20


def kept(path: str) -> int:
    """Return how many bytes are to be kept of the file at a path, for what is read of it here."""
    if f"/{path}".startswith(_STATUS) or _APK_FILE.fullmatch(path):
        return _LARGEST_STATUS
    # A list that was kept as it was before, as dpkg does, is as harmless as it is small.
    return _LARGEST_LIBRARY if _LIBRARY.fullmatch(path) else 0


def release(base: BaseImage) -> str:
    """Return on which release an image stands, as `modelenv.system.bases` names it; else empty.

    The lowest layer says it (os-release(5)), so that no other has to be read. Raises NoImageError.
    """
    tree = Tree()
    place = f"{base.where}: the layer {base.layers[0].digest}" if base.layers else ""
    for blob, diff_id in zip(base.layers[:1], base.diff_ids[:1], strict=True):
        with archive.members(base.store, blob, diff_id) as members:
            tree.lay(members, _kept_of_release, place)
    found = next(filter(None, map(tree.file, _RELEASES)), None)
    return release_said(found.node.content.decode("utf-8", "replace")) if found else ""


def _kept_of_release(path: str) -> int:
    return _LARGEST_RELEASE if f"/{path}" in _RELEASES else 0


@dataclass(frozen=True, slots=True)
class CLibrary:
    """A C library and its version: what compiled wheels are told apart by."""

    kind: str
    """``glibc`` or ``musl``."""
    major: int
    minor: int

    def __str__(self) -> str:
        """Return it with its version."""
        return f"{self.kind} {self.major}.{self.minor}"

    @property
    def tag(self) -> str:
        """How tags of wheels begin that run with it (PEPs 600 and 656)."""
        name = "manylinux" if self.kind == "glibc" else "musllinux"
        return f"{name}_{self.major}_{self.minor}"


def c_library(tree: Tree, where: str) -> CLibrary:
    """Return the C library of an image. Raises NoImageError where none says what it is."""
    for content in _iter_libraries(tree):
        said = _SAID.search(content)
        if said:
            return CLibrary("glibc", int(said[1]), int(said[2]))
    packages = {**(installed(tree) or {}), **_of_apk(tree)}
    for package, kind in (("libc6", "glibc"), ("musl", "musl")):
        found = _VERSION.match(packages.get(package, ""))
        if found:
            return CLibrary(kind, int(found[1]), int(found[2]))
    raise NoImageError(
        where,
        "nothing in it says which C library it has (libc.so.6, dpkg's or apk's list), so no wheel"
        " can be chosen for it",
        "take a base that has Python, as python:3.12-slim or a Debian with python3",
    )


def installed(tree: Tree) -> Mapping[str, str] | None:
    """Return the version of each Debian package, by its name or what it provides.

    None: it keeps no list of them, so that none can be told to be there.
    """
    texts = [found.node.content for found in [tree.file(_STATUS)] if found]
    # Images of which each package was taken out and unpacked, as distroless has them.
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


def check(needed: Iterable[SystemPackage], tree: Tree, where: str) -> None:
    """Raise NoImageError where packages are needed that the base does not have: it names them."""
    needed = tuple(needed)
    there = installed(tree)
    lacking = [each for each in needed if there is None or not _is_in(each.package, there)]
    if not lacking:
        return
    names = " ".join(each.package for each in lacking)
    why = "; ".join(f"{each.package} ({each.why})" for each in lacking)
    reason = f"the model needs Debian packages that it lacks: {why}"
    if there is None:
        reason = f"it keeps no list of Debian packages, and the model needs some: {why}"
    raise NoImageError(
        where,
        reason,
        "layers are only added here, nothing is run: take a base that has them (in a Dockerfile of"
        f" it `RUN apt-get update && apt-get install -y --no-install-recommends {names}`), or use"
        " `modelenv build-docker`, which installs them",
    )


def _is_in(package: str, there: Mapping[str, str]) -> bool:
    """Tell whether a package is there, as apt takes its name: ``NAME:ARCHITECTURE=VERSION``."""
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
        found = tree.file(f"{folder}/libc.so.6")  # a link in old ones
        if found is not None:
            yield found.node.content


def _iter_installed(text: bytes) -> Iterator[dict[str, str]]:
    """Yield what a list of dpkg's says of each package that is installed (deb822, dpkg(1))."""
    for fields in _iter_paragraphs(text):
        # Where packages were only unpacked there is no word on it.
        state = fields.get("Status", "installed").split()[-1:]
        if fields.get("Package") and state == ["installed"]:
            yield fields


def _iter_paragraphs(text: bytes) -> Iterator[dict[str, str]]:
    for paragraph in text.decode("utf-8", "replace").split("\n\n"):
        pairs = (line.partition(":") for line in paragraph.splitlines() if line[:1].strip())
        yield {key: value.strip() for key, _, value in pairs}


def _of_apk(tree: Tree) -> Mapping[str, str]:
    found = tree.file(_APK)
    text = found.node.content if found is not None else b""
    fields = _iter_paragraphs(text)
    return {each["P"]: each.get("V", "") for each in fields if "P" in each}
