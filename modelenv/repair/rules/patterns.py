"""Failures that are known by their words alone: a row of data each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from packaging.utils import canonicalize_name

from ..context import Case
from ..diagnosis import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """A pattern, and what it means where it is found.

    The texts are templates: ``{0}`` is the first group that the pattern found.
    """

    rule: str
    pattern: str
    reads: Literal["each", "latest", "last", "text"]
    """Where: in what was raised, each exception from the first or from the latest, or the last
    alone, as ``Type: message``; or in the whole text."""
    subject: str
    problem: str
    remedy: str = ""
    edit: str = ""
    """A requirement line that mends it; then the remedy is the command that adds it."""
    shows_code: bool = False
    """Whether the line of code that raised it is evidence, too."""
    names_distribution: bool = False
    """Whether the group is the name of a distribution, to be normalised (PEP 503)."""

    def __call__(self, case: Case) -> Diagnosis | None:
        """Return the diagnosis where the pattern is found."""
        if self.reads == "text":
            found = re.search(self.pattern, case.failure.text)
            return self._diagnosis(case, found, (line_of(found),)) if found else None
        chain = case.failure.chain
        for raised in {"each": chain, "latest": chain[::-1], "last": chain[-1:]}[self.reads]:
            found = re.search(self.pattern, f"{raised.type}: {raised.message}")
            if found:
                shown = raised.evidence if self.shows_code else raised.evidence[:1]
                return self._diagnosis(case, found, shown)
        return None

    def _diagnosis(
        self, case: Case, found: re.Match[str], evidence: tuple[str, ...]
    ) -> Diagnosis | None:
        groups = tuple(group for group in found.groups() if group is not None)
        if self.names_distribution:
            groups = tuple(map(canonicalize_name, groups))
        return case.diagnosis(
            self.rule,
            self.problem.format(*groups),
            self.subject.format(*groups),
            evidence,
            edit=self.edit.format(*groups),
            remedy=self.remedy.format(*groups),
        )


def line_of(found: re.Match[str]) -> str:
    """Return the line that a match begins in."""
    start = found.string.rfind("\n", 0, found.start()) + 1
    return found.string[start:].partition("\n")[0].strip()


DISK_FULL = PatternRule(
    rule="disk-full",
    pattern=r"No space left on device",
    reads="text",
    subject="disk",
    problem="there is no space left on the disk",
    remedy="modelenv cache prune, or make room otherwise; modelenv minimize makes it less",
)
GIT_LFS_POINTER = PatternRule(
    rule="damaged-file",
    pattern=r"^UnpicklingError: invalid load key, 'v'",
    reads="each",
    subject="model",
    problem="the model's file is no whole pickle: it looks like a Git LFS pointer",
    remedy="git lfs pull",
)
DAMAGED_FILE = PatternRule(
    rule="damaged-file",
    pattern=r"(?s)^(?:UnpicklingError|EOFError): .*"
    r"(?:invalid load key|pickle data was truncated|Ran out of input)",
    reads="each",
    subject="model",
    problem="the model's file is no whole pickle",
    remedy="copy or save the model again",
)
OLDER_SYSTEM = PatternRule(
    rule="other-system",
    pattern=r"version `(GLIBC(?:XX)?_[\d.]+)' not found",
    reads="each",
    subject="{0}",
    problem="a compiled module needs {0}",
    remedy="take a newer base image (python:3.11-slim, say)",
)
OTHER_PLATFORM = PatternRule(
    rule="other-system",
    pattern=r"wrong ELF class|invalid ELF header|Exec format error|incompatible archi",
    reads="each",
    subject="another processor",
    problem="a compiled module needs another processor",
    remedy="install the wheels of this platform: build the environment here, copy none",
)
MISSING_METADATA = PatternRule(
    rule="missing-distribution",
    pattern=r"No package metadata was found for ([\w.-]*\w)|"
    r"The '([\w.-]+)[^']*' distribution was not found and is required",
    reads="latest",
    subject="{0}",
    problem="the distribution {0} is asked for by its name and is not there",
    edit="{0}",
    shows_code=True,
    names_distribution=True,
)
CLASS_OF_SCRIPT = PatternRule(
    rule="missing-own-code",
    pattern=r"Can't get attribute '([\w.]+)' on <module '__main__'",
    reads="each",
    subject="__main__.{0}",
    problem="{0} was defined in the script that pickled the model, which does not travel with it",
    remedy="save the model with modelenv.save_model, or move {0} into a module",
)
MISSING_NLTK_DATA = PatternRule(
    rule="missing-file",
    pattern=r"(?s)^LookupError: .*Resource .{0,20}?([\w/]+).{0,20}? not found",
    reads="last",
    subject="{0}",
    problem="the model reads {0}, which does not travel with it",
    remedy="python -m nltk.downloader {0}",
    shows_code=True,
)
MISSING_SPACY_MODEL = PatternRule(
    rule="missing-file",
    pattern=r"\[E050\] Can't find model '([\w.-]+)'",
    reads="last",
    subject="{0}",
    problem="the model reads {0}, which does not travel with it",
    remedy="python -m spacy download {0}",
    shows_code=True,
)
MISSING_FILE = PatternRule(
    rule="missing-file",
    pattern=r"No such file or directory: [bur]?['\"]([^'\"]+)['\"]",
    reads="last",
    subject="{0}",
    problem="the model reads {0}, which does not travel with it",
    remedy="put {0} into the folder as an artifact, or into a package of code/",
    shows_code=True,
)
PERMISSION = PatternRule(
    rule="permission",
    pattern=r"Permission denied: [bur]?['\"]([^'\"]+)['\"]",
    reads="last",
    subject="{0}",
    problem="the model is not allowed to use {0}",
    remedy="let the user that it runs as use {0}, or point it elsewhere: HOME, XDG_CACHE_HOME and"
    " the library's own variable name such folders",
)
NETWORK = PatternRule(
    rule="network",
    pattern=r"Name or service not known|Temporary failure in name resolution|Connection refused|"
    r"Network is unreachable|Failed to establish a new connection|Max retries exceeded|"
    r"getaddrinfo failed|couldn't connect to|urlopen error",
    reads="each",
    subject="network",
    problem="the model reaches for the network while it runs, and got no answer",
    remedy="save what it downloads with the model, or let it through",
)
CONFLICT = PatternRule(
    rule="conflict",
    pattern=r"ResolutionImpossible|have conflicting dependencies|No solution found when",
    reads="text",
    subject="requirements",
    problem="the requirements contradict each other",
    remedy="modelenv requirements list -m FOLDER says why each is there; add the one that has to"
    " win with modelenv requirements add",
)
