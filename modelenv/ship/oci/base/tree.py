"""The files of an image, as its layers laid one upon another make them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Literal

from ...errors import NoImageError

Kind = Literal["folder", "file", "link", "other"]
Wanted = Callable[[str], int]
"""A function that returns how many bytes of a file are kept, by its path; 0 for most."""

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_MOST_LINKS = 40  # as Linux follows
_MOST_ENTRIES = 2_000_000
_MOST_KEPT = 256 << 20  # bytes of what files hold
_LATEST = 1 << 33  # seconds: what a header of a tar holds


@dataclass(slots=True)
class Inode:
    """A file, a folder or a link in an image."""

    kind: Kind
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    target: str = ""
    """The target of a link."""
    content: bytes = b""
    """The start of a file, as far as it is kept."""
    children: dict[str, Inode] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundPath:
    """The node at a path, once every link was followed."""

    path: str
    """Absolute, and without a link in it."""
    node: Inode


class Tree:
    """A file system that is laid out in memory, without what files hold."""

    def __init__(self) -> None:
        self.root = Inode("folder")
        self._count = 0
        self._kept = 0

    def lay(
        self,
        members: Iterable[tuple[tarfile.TarInfo, IO[bytes] | None]],
        wanted: Wanted,
        place: str,
    ) -> None:
        """Lay a layer upon what is there: what it whites out goes first, whatever its order.

        Raises NoImageError for a member that leads out of the image, and for more of them than any
        image has.
        """
        added: list[tuple[tuple[str, ...], Inode | str]] = []
        for member, content in members:
            self._count += 1
            if self._count > _MOST_ENTRIES or self._kept > _MOST_KEPT:
                raise NoImageError(place, "it has more files, or larger lists, than any image has")
            parts = _parts(member.name, place)
            if parts and parts[-1].startswith(_WHITEOUT):
                self._white_out(parts)
            elif parts and member.islnk():
                added.append((parts, member.linkname))
            else:
                node = _node(member, content, wanted("/".join(parts)))
                added.append((parts, node))
                self._kept += len(node.content)
        for parts, new in added:
            self._put(parts, self._linked(new, place) if isinstance(new, str) else new)

    def find(self, path: str) -> FoundPath | None:
        """Return what stands at an absolute path, or at where links lead from there."""
        waiting = list(reversed(path.split("/")))
        passed: list[tuple[str, Inode]] = [("", self.root)]
        links = 0
        while waiting:
            name = waiting.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                del passed[max(1, len(passed) - 1) :]
                continue
            child = passed[-1][1].children.get(name)
            if child is None:
                return None
            if child.kind == "link":
                links += 1
                if links > _MOST_LINKS:
                    return None
                if child.target.startswith("/"):
                    del passed[1:]
                waiting += reversed(child.target.split("/"))
            else:
                passed.append((name, child))
        return FoundPath("/".join(name for name, _ in passed) or "/", passed[-1][1])

    def file(self, path: str) -> FoundPath | None:
        """Return the file at an absolute path; None where there is none, or no file."""
        found = self.find(path)
        return found if found is not None and found.node.kind == "file" else None

    def files_in(self, path: str) -> Iterator[tuple[str, Inode]]:
        """Yield the files of a folder by their names; nothing where there is no such folder."""
        found = self.find(path)
        for name, node in sorted(found.node.children.items() if found else ()):
            if node.kind == "file":
                yield name, node

    def parents(self, path: str) -> tuple[str, Iterator[tuple[str, Inode | None]]]:
        """Return where a path really leads, and each folder above it: None where it is not there.

        What is not there is no link, and stays in the path as it is.
        """
        there, lacking = path, ""
        while (found := self.find(there)) is None:
            there, _, name = there.rpartition("/")
            lacking = f"/{name}{lacking}"
        real = found.path.rstrip("/") + lacking
        above = [real[:end] for end, char in enumerate(real) if char == "/" and end]
        return real, ((each, self._at(each)) for each in above)

    def _at(self, path: str) -> Inode | None:
        found = self.find(path)
        return None if found is None else found.node

    def _white_out(self, parts: tuple[str, ...]) -> None:
        """Remove what lower layers have: a name, or all that stands in a folder."""
        folder = self._lower(parts[:-1])
        if folder is None:
            return
        if parts[-1] == _OPAQUE:
            folder.children.clear()
        else:
            folder.children.pop(parts[-1].removeprefix(_WHITEOUT), None)

    def _lower(self, parts: tuple[str, ...]) -> Inode | None:
        node: Inode | None = self.root
        for name in parts:
            node = node.children.get(name) if node is not None else None
        return node

    def _put(self, parts: tuple[str, ...], node: Inode) -> None:
        """Put a node at its place; a folder keeps what stands in it."""
        if not parts:
            node.children = self.root.children
            self.root = node
            return
        folder = self._folder(parts[:-1])
        there = folder.children.get(parts[-1])
        if node.kind == "folder" and there is not None and there.kind == "folder":
            node.children = there.children
        folder.children[parts[-1]] = node

    def _folder(self, parts: tuple[str, ...]) -> Inode:
        """Return a folder; what a layer does not name of the way there is made.

        A link to a folder on the way is followed, as whoever unpacks the layers does.
        """
        node = self.root
        for number, name in enumerate(parts):
            child = node.children.get(name)
            if child is not None and child.kind == "link":
                found = self.find("/" + "/".join(parts[: number + 1]))
                child = found.node if found is not None and found.node.kind == "folder" else None
            if child is None or child.kind != "folder":
                child = Inode("folder")
                node.children[name] = child
            node = child
        return node

    def _linked(self, target: str, place: str) -> Inode:
        """Return what a hard link is one more name of."""
        return self._lower(_parts(target, place)) or Inode("other")


def _node(member: tarfile.TarInfo, content: IO[bytes] | None, kept: int) -> Inode:
    node = Inode(
        "other",
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        # Its headers may say any number, and one that is none.
        mtime=int(member.mtime) if abs(member.mtime) < _LATEST else 0,
    )
    if member.isdir():
        node.kind = "folder"
    elif member.issym():
        node.kind, node.target = "link", member.linkname
    elif member.isreg():
        node.kind = "file"
        node.content = content.read(min(kept, member.size)) if content and kept else b""
    return node


def _parts(name: str, place: str) -> tuple[str, ...]:
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    if ".." in parts:
        raise NoImageError(place, f"its file {name!r} leads out of the image")
    return parts
