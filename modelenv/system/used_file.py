"""A file, a library or a program that a run used and that no distribution has."""

from __future__ import annotations

from dataclasses import dataclass

# What every system has, or makes itself; not /usr/local, where people put what is theirs.
_SYSTEM = ("/usr/", "/etc/", "/proc/", "/sys/", "/dev/", "/lib", "/bin/", "/sbin/", "/run/")
_OTHER_SYSTEMS = ("/System/", "/Library/", "C:\\Windows\\")
_PEOPLES = ("/usr/local/",)


@dataclass(frozen=True, slots=True, order=True)
class UsedFile:
    """A file that a run read, a library that it loaded or a program that it started."""

    kind: str
    """`file`, `library` or `program`; `named`: a file that is named, and nobody saw it read."""
    path: str
    """Its absolute path; of a program that was not found, what it was asked for as."""
    asked_by: str = ""
    """The file and the line that asked; empty where nobody is known."""
    askers: tuple[str, ...] = ()
    """The distributions whose code that is; none where it is the model's own."""

    def __str__(self) -> str:
        """Return its path with who asked."""
        return f"{self.path} ({self.asked_by})" if self.asked_by else self.path

    @property
    def is_systems(self) -> bool:
        """Whether it stands where the system has its own files."""
        system = self.path.startswith((*_SYSTEM, *_OTHER_SYSTEMS))
        return system and not self.path.startswith(_PEOPLES)
