"""A failure, parsed from a verdict or from any text that holds a traceback."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..worker.verdict import Verdict

_HEAD = "Traceback (most recent call last):"
_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line (?P<line>\d+)(, in (?P<function>.+))?')
_LAST = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(:(?: (?P<message>.*))?)?")
_MARKERS = re.compile(r"[\s~^]+")
_VERDICT = re.compile(r"^fails in .* \((?P<stage>[a-z ]+)\): ", re.MULTILINE)
_SIGNAL = re.compile(
    r"killed by (?P<name>SIG[A-Z0-9]+)|(?P<fault>Segmentation fault)|"
    r"[Ee]xit(?:ed with)? (?:[Cc]ode|status):?\s+(?P<code>13[4-9])|"
    r"(?P<oom>\bOOMKilled\b|\bOut of memory\b|^\s*Killed\s*$)",
    re.MULTILINE,
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BY_CODE = {"134": "SIGABRT", "135": "SIGBUS", "136": "SIGFPE", "137": "SIGKILL", "139": "SIGSEGV"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback."""

    file: str
    line: int
    function: str
    code: str

    @property
    def place(self) -> str:
        """Where it is: ``sklearn/base.py:20``, as seen from site-packages where it stands there."""
        file = self.file.replace("\\", "/")
        for folder in ("/site-packages/", "/dist-packages/", "/code/"):
            file = file.rpartition(folder)[2]
        return f"{file}:{self.line}"

    @property
    def module(self) -> str:
        """The module that it is in: ``sklearn.base``."""
        file = self.place.rpartition(":")[0]
        return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of a chain."""

    type: str
    """Its class, without the module."""
    message: str
    frames: tuple[Frame, ...]

    def __str__(self) -> str:
        """Return its last line."""
        first = self.message.split("\n", 1)[0]
        return f"{self.type}: {first}" if first else self.type

    @property
    def evidence(self) -> tuple[str, ...]:
        """Its last line, and the line of code that raised it, where a frame is not Python's own."""
        outside = [frame for frame in self.frames if not frame.file.startswith("<frozen")]
        return (str(self), *(f"{frame.place}: {frame.code}" for frame in outside[-1:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What is known of a failure."""

    text: str
    chain: tuple[Raised, ...] = ()
    """The exceptions, the first cause first."""
    stage: str = ""
    """Where it happened: ``load``, ``predict``, ...; empty where nobody says."""
    missing: tuple[str, ...] = ()
    """Modules that were not found, as a worker reported them."""
    signal: str = ""
    timed_out: bool = False

    @classmethod
    def of_verdict(cls, verdict: Verdict) -> Failure:
        """Return the failure of a verdict that is not good."""
        found = cls.of_text(f"{verdict.detail}\n")
        last = _parse_last(verdict.reason)
        said = _SIGNAL.search(verdict.reason)
        return cls(
            text=f"{verdict.detail}\n{verdict.reason}",
            chain=found.chain or ((last,) if last else ()),
            stage=verdict.stage,
            missing=verdict.missing,
            signal=_signal(said) if said else "",
            timed_out="did not end within" in verdict.reason,
        )

    @classmethod
    def of_text(cls, text: str) -> Failure:
        """Return the failure of the last traceback in a text; a log with prefixed lines will do."""
        text = _COLOURS.sub("", text)
        lines = _last_block(text.splitlines())
        chain = tuple(_iter_chain(lines))
        said = _SIGNAL.search(text)
        verdict = _VERDICT.search(text)
        return cls(
            text=text,
            chain=chain,
            stage=verdict["stage"] if verdict else "",
            missing=tuple(_missing(chain)),
            signal=_signal(said) if said and not chain else "",
            timed_out="did not end within" in text,
        )

    @property
    def last(self) -> Raised | None:
        """The exception that ended the run."""
        return self.chain[-1] if self.chain else None

    @property
    def first_evidence(self) -> tuple[str, ...]:
        """The evidence of the first exception of the chain, the cause of the others."""
        return self.chain[0].evidence if self.chain else ()

    @property
    def last_evidence(self) -> tuple[str, ...]:
        """The evidence of the exception that ended the run."""
        return self.chain[-1].evidence if self.chain else ()


def _last_block(lines: list[str]) -> list[str]:
    """Return the last chain of tracebacks, without the prefix that a log puts before lines."""
    heads = [number for number, line in enumerate(lines) if _HEAD in line]
    if not heads:
        return _syntax_error(lines)
    width = lines[heads[-1]].index(_HEAD)
    first = heads[-1]
    for earlier in reversed(heads[:-1]):
        between = "\n".join(line[width:] for line in lines[earlier:first])
        if "During handling of the above" not in between and "direct cause of the" not in between:
            break
        first = earlier
    return [line[width:] for line in lines[first:]]


def _syntax_error(lines: list[str]) -> list[str]:
    """Return what Python prints of a script that it cannot parse: that has no head line."""
    if any("SyntaxError: " in line or "IndentationError: " in line for line in lines):
        places = ((number, line.find('  File "')) for number, line in enumerate(lines))
        for number, width in places:
            if width >= 0:
                return [line[width:] for line in lines[number:]]
    return []


def _iter_chain(lines: list[str]) -> list[Raised]:
    """Return the exceptions of a block of tracebacks."""
    chain: list[Raised] = []
    frames: list[Frame] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        place += 1
        frame = _FRAME.match(line)
        if line.startswith(_HEAD):
            frames = []
        elif frame is not None:
            code = ""
            while place < len(lines) and lines[place].startswith("    "):
                text = lines[place].strip()
                code = text if not code and not _MARKERS.fullmatch(text) else code
                place += 1
            known = frame["function"] or "<module>"
            frames.append(Frame(frame["file"], int(frame["line"]), known, code))
        elif frames and (last := _parse_last(line)) is not None:
            message = [last.message, *_further(lines, place)]
            chain.append(Raised(last.type, "\n".join(message).rstrip(), tuple(frames)))
            frames = []
    return chain


def _further(lines: list[str], place: int) -> list[str]:
    """Return the further lines of a message, up to what cannot be part of it."""
    found: list[str] = []
    for line in lines[place : place + 40]:
        if line.startswith((_HEAD, "During handling of", "The above exception")):
            break
        found.append(line)
    return found


def _parse_last(line: str) -> Raised | None:
    found = _LAST.fullmatch(line.strip())
    if found is None or line[:1].isspace():
        return None
    name = found["type"].rpartition(".")[2]
    named = name.endswith(
        ("Error", "Exception", "Warning", "Interrupt", "Exit", "Found", "Iteration")
    )
    if not named and not (found["message"] and "." in found["type"]):
        return None
    return Raised(name, found["message"] or "", ())


# What a worker imports of ours, under names that no distribution has.
_OURS = "_modelenv_"


def _missing(chain: tuple[Raised, ...]) -> list[str]:
    found = (re.search(r"No module named '?([\w.]+)'?", raised.message) for raised in chain)
    return [match[1] for match in found if match and not match[1].startswith(_OURS)]


def _signal(said: re.Match[str]) -> str:
    if said["name"]:
        return said["name"]
    if said["code"]:
        return _BY_CODE.get(said["code"], "")
    return "SIGSEGV" if said["fault"] else "SIGKILL"
