"""A file, library or program that a run used and that belongs to no distribution."""

from __future__ import annotations

from dataclasses import dataclass

# Files that come with a system or that it creates; /usr/local holds what users install.
_SYSTEM = ("/usr/", "/etc/", "/proc/", "/sys/", "/dev/", "/lib", "/bin/", "/sbin/", "/run/")
_OTHER_SYSTEMS = ("/System/", "/Library/", "C:\\Windows\\")
_PEOPLES = ("/usr/local/",)


@dataclass(frozen=True, slots=True, order=True)
class UsedFile:
    """A file that a run read, a library that it loaded, or a program that it started."""

    kind: str
    """`file`, `library`, `program`, or `named` (named in the code or data, not seen being read)."""
    path: str
    """Its absolute path; for a program that was not found, the name it was called by."""
    asked_by: str = ""
    """The file and line that asked for it; empty if unknown."""
    askers: tuple[str, ...] = ()
    """The distributions of the asking code; empty if that is the model's own."""

    def __str__(self) -> str:
        """Return its path, and which code asked for it."""
        return f"{self.path} ({self.asked_by})" if self.asked_by else self.path

    @property
    def is_of_system(self) -> bool:
        """Whether it stands where the operating system has its own files."""
        system = self.path.startswith((*_SYSTEM, *_OTHER_SYSTEMS))
        return system and not self.path.startswith(_PEOPLES)
