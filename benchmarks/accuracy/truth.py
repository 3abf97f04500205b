"""Prove what each case says is needed: enough to predict, and nothing of it to spare.

Run as `python -m benchmarks.accuracy.truth [--cases NAME ...]`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from .authors.case import Case, CaseError, UnknownCaseError, find_cases
from .authors.source import Source, SourceError, prepare
from .judging.minimal import build_minimal, build_unedited, find_needed
from .running.closure import NotInstalledError, never_loaded, read_installed
from .running.environments import Builder, BuildError, Environment
from .running.options import add_builder_options, builder_of, exclusive
from .running.predictions import Outcome, predict_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What happened when one thing that the case calls needed was not there."""

    what: str
    removed: tuple[str, ...]
    """The distributions that went with it."""
    needed: bool
    happened: str
    """The error, the difference, or why it was not needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The verdict about one case."""

    case: str
    roots: tuple[str, ...]
    needed: tuple[str, ...]
    never_loaded: tuple[str, ...]
    """Of the needed: declared by another, without a module in the predicting process."""
    source: int
    """How many distributions the source environment holds."""
    differs: str | None
    """Why the minimal environment does not reproduce the prediction; None where it does."""
    left_out: tuple[LeftOut, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return self.differs is None and all(entry.needed for entry in self.left_out)


def prove(case: Case, builder: Builder) -> Truth:
    """Return the verdict about a case; raises `SourceError` and `BuildError`."""
    started = time.perf_counter()
    source = prepare(case, builder)
    needed = find_needed(source, builder, case.roots)
    minimal = build_minimal(source, builder, needed)
    with TemporaryDirectory(dir=source.folder) as scratch:
        code = source.copy_code(Path(scratch, "code"))
        with source.hidden():
            outcome = _predict(source, minimal, code)
            left_out = [
                *_leave_out_roots(source, builder, minimal, code),
                *_leave_out_modules(source, minimal, code),
                *_leave_out_edits(source, builder, code),
            ]
    return Truth(
        case=case.name,
        roots=tuple(str(root) for root in case.roots),
        needed=tuple(sorted(needed)),
        never_loaded=tuple(never_loaded(read_installed(minimal.site_packages), outcome.loaded)),
        source=len(source.installed()),
        differs=_what_happened(source, outcome),
        left_out=tuple(left_out),
        seconds=round(time.perf_counter() - started, 1),
    )


def _leave_out_roots(
    source: Source, builder: Builder, minimal: Environment, code: Path
) -> Iterator[LeftOut]:
    needed = find_needed(source, builder, source.case.roots)
    for what, roots in _without_each_root(source.case.roots):
        removed = sorted(needed - find_needed(source, builder, roots))
        if not removed:
            yield LeftOut(what, (), needed=False, happened="another root declares it")
            continue
        with builder.without(minimal, removed) as rest:
            outcome = _predict(source, rest, code)
        yield _left_out(what, removed, source, outcome)


def _without_each_root(
    roots: Sequence[Requirement],
) -> Iterator[tuple[str, tuple[Requirement, ...]]]:
    """Yield what is left out with what is left: each root, and the extras of each root."""
    for root in roots:
        others = tuple(other for other in roots if other is not root)
        yield root.name, others
        if root.extras:
            extras = ",".join(sorted(root.extras))
            yield f"[{extras}] of {root.name}", (*others, Requirement(root.name))


def _leave_out_modules(source: Source, minimal: Environment, code: Path) -> Iterator[LeftOut]:
    for module, place in source.case.first_party.items():
        outcome = _predict(source, minimal, code, leave_out=Path(place).name)
        yield _left_out(f"module {module}", (), source, outcome)


def _leave_out_edits(source: Source, builder: Builder, code: Path) -> Iterator[LeftOut]:
    if source.case.edited:
        needed = find_needed(source, builder, source.case.roots)
        unedited = build_unedited(source, builder, needed)
        outcome = _predict(source, unedited, code)
        yield _left_out(f"the edit of {', '.join(source.case.edited)}", (), source, outcome)


def _predict(
    source: Source, environment: Environment, code: Path, leave_out: str | None = None
) -> Outcome:
    """Predict on a copy of the code: bytecode of an earlier run hides that a codec is missing."""
    with TemporaryDirectory(dir=code.parent) as scratch:
        copy = shutil.copytree(code, Path(scratch, "code"))
        if leave_out:
            _remove(copy / leave_out)
        return predict_in(environment.python, source.model, source.example, [copy])


def _left_out(what: str, removed: Iterable[str], source: Source, outcome: Outcome) -> LeftOut:
    happened = _what_happened(source, outcome)
    needed = happened is not None
    return LeftOut(what, tuple(removed), needed, happened or "the same prediction")


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()


def _what_happened(source: Source, outcome: Outcome) -> str | None:
    if outcome.failed:
        return f"{outcome.stage}: {outcome.error}"
    return source.difference(outcome.prediction)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove the cases that are asked for; return 0 where all hold, 1 where one does not."""
    given = _parser().parse_args(arguments)
    if given.uv is None:
        print("uv is not on PATH: name it by --uv", file=sys.stderr)
        return 2
    try:
        cases = find_cases(given.cases)
    except (CaseError, UnknownCaseError) as error:
        print(error, file=sys.stderr)
        return 2
    truths, failures = prove_each(cases, builder_of(given))
    if given.json:
        verdicts = [{"holds": truth.holds, **asdict(truth)} for truth in truths]
        report = {"cases": verdicts, "without verdict": failures}
        given.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return 0 if all(truth.holds for truth in truths) and not failures else 1


def prove_each(cases: Iterable[Case], builder: Builder) -> tuple[list[Truth], dict[str, str]]:
    """Return the verdicts, and why there is none for the others; account for each at once."""
    with exclusive(builder):
        truths, failures = _prove_each(cases, builder)
    broken = [*(truth.case for truth in truths if not truth.holds), *failures]
    held = len(truths) + len(failures) - len(broken)
    print(f"{held} of {held + len(broken)} hold", *(f"not {name}" for name in broken))
    return truths, failures


def _prove_each(cases: Iterable[Case], builder: Builder) -> tuple[list[Truth], dict[str, str]]:
    truths: list[Truth] = []
    failures: dict[str, str] = {}
    for case in cases:
        try:
            truth = prove(case, builder)
        except (SourceError, BuildError, NotInstalledError) as error:
            failures[case.name] = str(error)
            print(f"{case.name}: no verdict\n{error}", flush=True)
        else:
            truths.append(truth)
            print(_account(truth), flush=True)
    return truths, failures


def _account(truth: Truth) -> str:
    """Say the verdict about one case in a line, and one more for each thing left out."""
    verdict = "holds" if truth.holds else "DOES NOT HOLD"
    lines = [
        f"{truth.case:<22} {verdict}: {', '.join(truth.roots)}; "
        f"{len(truth.needed)} of {truth.source} distributions, {truth.seconds} s"
    ]
    if truth.differs:
        lines.append(f"    the minimal environment: {truth.differs}")
    for entry in truth.left_out:
        verdict = "" if entry.needed else "NOT NEEDED: "
        lines.append(f"    without {entry.what}: {verdict}{entry.happened}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="truth", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=[], metavar="NAME", help="default: all")
    add_builder_options(parser)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the verdicts there too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
