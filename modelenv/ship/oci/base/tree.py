"""The files of an image, as its layers give them one upon another."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Literal

from ...errors import NoImageError

Kind = Literal["folder", "file", "link", "other"]
Wanted = Callable[[str], int]
"""A function from a file's path to the number of bytes that are kept of it, mostly 0."""

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_MOST_LINKS = 40  # the same limit as Linux's
_MOST_ENTRIES = 2_000_000
_MOST_KEPT = 256 << 20  # bytes of files' content
_LATEST = 1 << 33  # seconds, the largest that a tar's header can hold


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
    """The node at a path, after all links have been followed."""

    path: str
    """The absolute path, with links resolved."""
    node: Inode


class Tree:
    """A file system in memory, mostly without the content of files."""

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
        """Apply a layer to the tree: its whiteouts first, whatever their order.

        Raises NoImageError for a member that leads out of the image, and for more members than any
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
        """Return the node at an absolute path, with links followed, or None."""
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
        """Return the file at an absolute path; None if there is none or it is no file."""
        found = self.find(path)
        return found if found is not None and found.node.kind == "file" else None

    def files_in(self, path: str) -> Iterator[tuple[str, Inode]]:
        """Yield the files in a folder by name; nothing if there is no such folder."""
        found = self.find(path)
        for name, node in sorted(found.node.children.items() if found else ()):
            if node.kind == "file":
                yield name, node

    def parents(self, path: str) -> tuple[str, Iterator[tuple[str, Inode | None]]]:
        """Return a path with links resolved, and each folder above it, or None for a missing one.

        Missing parts of the path are kept as they are.
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
        """Remove nodes of lower layers: a name, or the content of a folder."""
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
        """Put a node at its place; a folder that exists keeps its content."""
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
        """Return a folder; parts of the path that a layer does not list are created.

        Links to folders on the way are followed, as they are when layers are unpacked.
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
        """Return the node that a hard link names."""
        return self._lower(_parts(target, place)) or Inode("other")


def _node(member: tarfile.TarInfo, content: IO[bytes] | None, kept: int) -> Inode:
    node = Inode(
        "other",
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        # A header may hold any number, even nan.
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
