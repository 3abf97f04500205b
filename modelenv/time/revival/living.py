"""The revival of a model: from its statements to a folder that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.siblings import envfiles, resolver
from ...environments.pythons.named_python import NamedPython
from ...environments.spec import Report
from ...folder.bundling import prune_wheels
from ...folder.rewrite import take_along
from ...pins.change.idle_lines import idle_lines, idle_notes, unkept_lines
from ...pins.change.locking import LockQuestion
from ...pins.lock_entries import with_hashes
from ...pins.package_sources import WHEELS, PackageSources, travelling
from ...pins.pin_set import PinSet
from ...pins.reasons import Reasons
from ...repair.diagnose import try_to_verify
from ...run.isolated import RunOptions
from ...worker.verdict import Verdict
from . import example
from .choosing.interpreter import OldPython, PythonChoice
from .choosing.pinning import OldList, OldPins, take_built, with_line
from .draft import Draft
from .example import OldExample
from .mending import Mended, lacks_pkg_resources, mend, setuptools_line
from .reading.old_model import OldModel
from .runs import features_of, prove, record
from .values import AppliedRule, Revival

_ASKED = "asked for by the old list"


@dataclass(slots=True, kw_only=True)
class Living:
    """The revival of one model: its new folder, and the changes so far."""

    old: OldModel
    draft: Draft
    destination: Path
    how: RunOptions
    report: Report
    given: object = None
    """The user's example: a path of a file, or a value; None: not given."""
    steps: int = 10
    rules: list[AppliedRule] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    example: OldExample = field(default_factory=OldExample)

    def run(self, choice: PythonChoice, asked: NamedPython | None) -> Revival:
        """Fill the new folder, find the pins with which the model runs, and prove them.

        Raises the resolver's errors, NoPythonError, and the errors of reading.
        """
        self.draft.fill()
        listed = self._listed()
        self.report("resolving what it needs as of its day")
        python = choice.chosen(listed.pinned, asked)
        self.rules += [python.rule, *self.old.rules, *python.pins.rules]
        self._tell_of_build_tools()
        spec = self._spec(python, python.pins)
        self._write(spec, python)
        self._take_example()
        self._write(spec, python)
        mended, spec = self._mended(listed, python, spec)
        mended, spec = self._with_rows(mended, spec, python)
        if not mended.verdict.good:
            self.notes += map(_way_out, mended.verdict.missing)
            return self._revival(mended, python, written=False)
        return self._finished(mended, spec, python)

    def _listed(self) -> OldList:
        return OldList(
            lines=self.old.lines,
            sources=self._sources(),
            constraints=self.old.spec.constraints,
            conda=() if self.how.manager == "conda" else self.old.conda,
            hints=self.old.hints,
            build=self.how.indexes.build,
        )

    def _sources(self) -> PackageSources:
        """Return the sources of the old pins, as of the day of the model."""
        environment, spec = self.how.settings.environment, self.old.spec
        folder = self.old.path if self.old.folder is not None else self.old.path.parent
        found = PackageSources.of(folder, spec, environment)
        here = replace(found, wheels=self.draft.path / WHEELS)
        return here.with_indexes(self.how.indexes, self.how.report)

    def _spec(self, python: OldPython, pins: OldPins) -> envfiles.EnvSpec:
        """Return the environment of the new folder, with pins for one Python."""
        take_built(pins.resolution, self.draft.path / WHEELS)
        old, located = self.old.spec, travelling(self._sources().options)
        closed = {pin.name for pin in pins.resolution.pins}
        known = {entry.name: entry for entry in old.requirements}
        entries = []
        for pin in pins.resolution.pins:
            via = Reasons(
                own=(_ASKED,) if pin.root else (),
                parents=tuple(each for each in pin.via if each in closed),
            )
            before = known.get(pin.name)
            same = before is not None and before.requirement == str(pin.requirement)
            comment = before.comment if before is not None and same and before.comment else str(via)
            hashes = before.hashes if before is not None and same else pin.hashes
            entries.append(envfiles.Entry(str(pin.requirement), comment, hashes=hashes))
        keep = self.how.manager == "conda"
        return replace(
            old,
            python=python.version,
            requirements=tuple(entries),
            constraints=(),
            build_dependencies=self._build_dependencies(),
            options=tuple(dict.fromkeys((*old.options, *located))),
            conda_dependencies=old.conda_dependencies if keep else (),
            unnamed=(),
            lock=None,
        )

    def _build_dependencies(self) -> tuple[str, ...]:
        """Return the build dependencies: for a builder's own version the release."""
        stated = self.old.spec.build_dependencies
        return tuple(
            setuptools_line(self.old.spec) if _is_renumbered(line) else line for line in stated
        )

    def _tell_of_build_tools(self) -> None:
        for old, new in zip(
            self.old.spec.build_dependencies, self._build_dependencies(), strict=True
        ):
            if new != old:
                reason = "a builder's own number, which no index has"
                self.rules.append(AppliedRule("setuptools", reason, f"{old} -> {new}"))

    def _write(self, spec: envfiles.EnvSpec, python: OldPython) -> None:
        self.draft.write_environment(spec)
        recorded = self._recorded()
        self.draft.write_mlmodel(python.version, self.example, prediction=recorded)

    def _recorded(self) -> Mapping[str, object]:
        """Return the old prediction, if the example is the one that it was made on."""
        said = self.old.mlmodel
        if said is None or self.old.kind != "modelenv" or self.given is not None:
            return {"type": "none"}
        return said.prediction

    def _take_example(self) -> None:
        """Take the user's example, else the folder's own."""
        place, old = self.draft.path, self.old
        if isinstance(self.given, Path):
            self.example = example.given_file(self.given, place)
        elif self.given is not None:
            self.example = example.given_value(self.given, place)
        elif old.kind == "modelenv":
            assert old.mlmodel is not None
            self.example = OldExample(old.mlmodel.input)
        elif old.folder is not None:
            self.example = example.recorded_by_mlflow(old.folder, place)
        self.notes += self.example.notes

    def _mended(
        self, listed: OldList, python: OldPython, spec: envfiles.EnvSpec
    ) -> tuple[Mended, envfiles.EnvSpec]:
        """Run it, and add what is missing; return the last run."""
        self.report("running it")
        if lacks_pkg_resources(try_to_verify(self.draft.folder, self.how)):
            line = setuptools_line(self.old.spec)
            pins = with_line(listed, line).pinned(spec_target(spec))
            found = pins.resolution.get("setuptools")
            reason = "pkg_resources is missing, which setuptools has until 81"
            stated = line if found is None else str(found.requirement)
            self.rules.append(AppliedRule("setuptools", reason, f"added {stated}"))
            spec = self._spec(python, pins)
            self._write(spec, python)
        mended = mend(self.draft.folder, self.how, self.report, self.steps)
        return mended, self._keep(mended, spec, python)

    def _keep(self, mended: Mended, spec: envfiles.EnvSpec, python: OldPython) -> envfiles.EnvSpec:
        """Adopt the pins that mended it."""
        self.rules += mended.rules
        before = {entry.requirement: entry for entry in spec.requirements}
        entries = [
            before.get(line) or envfiles.Entry(line, mended.reasons.get(_name(line), ""))
            for line in mended.pins
        ]
        spec = replace(spec, requirements=tuple(entries))
        self._write(spec, python)
        return spec

    def _with_rows(
        self, mended: Mended, spec: envfiles.EnvSpec, python: OldPython
    ) -> tuple[Mended, envfiles.EnvSpec]:
        """Generate rows for a model that loads and has no example, and run it on them."""
        if not mended.verdict.good or self.example.is_there:
            return mended, spec
        self.report("asking the model what it takes")
        rows = example.made(features_of(self.draft, self.how), self.draft.path)
        if not rows.is_there:
            self.notes.append("nothing says what it takes: -i FILE gives it an example")
            return mended, spec
        self.example = rows
        self._write(spec, python)
        tried = mend(self.draft.folder, self.how, self.report, self.steps)
        if tried.verdict.good:
            reason = f"it has no example: rows were made of {rows.source}"
            self.rules.append(AppliedRule("rows", reason))
            return tried, self._keep(tried, spec, python)
        if not tried.is_of_the_input:
            return tried, spec
        said = f"it does not take rows that were made of {rows.source}: {tried.verdict.reason}"
        self.notes.append(f"{said}; -i FILE gives it an example")
        self.example = OldExample()
        self._write(spec, python)
        return mended, spec

    def _finished(self, mended: Mended, spec: envfiles.EnvSpec, python: OldPython) -> Revival:
        """Record its prediction, lock its pins, and prove the folder in its final form."""
        prediction = self._recorded()
        anew = prediction["type"] == "none" and self.example.is_there
        if anew:
            self.report("recording what it predicts")
            prediction = record(self.draft, self.how)
        spec, locked = self._locked(self._with_idle(spec))
        self.notes += self.draft.iter_left(self.destination)
        self.draft.clean()
        self.draft.write_environment(spec)
        sealed = self.draft.sealed()
        self.draft.write_mlmodel(python.version, self.example, prediction=prediction, sealed=sealed)
        self.report("proving the folder")
        verdict, repeatability = prove(self.draft, self.how, anew=anew)
        if anew and verdict.good:
            verdict = replace(verdict, status="runs", reason=self._said(verdict))
        self.draft.write_mlmodel(
            python.version,
            self.example,
            prediction=prediction,
            sealed=sealed,
            repeatability=repeatability,
            verdict=verdict,
            as_of=self.how.indexes.dated,
            rules=self.rules,
        )
        self.draft.clean()
        last = replace(mended, verdict=verdict)
        return self._revival(last, python, written=verdict.good, locked=locked)

    def _with_idle(self, spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
        """Return the environment with the old lines that are for other targets, and tell them."""
        old = [each for each in self.old.spec.requirements if each.requirement in self.old.lines]
        texts = [each.requirement for each in old]
        lines = resolver.Lines.of(texts, "requirements.txt").requirements
        here = spec_target(spec), {each.name for each in spec.requirements}
        idle, unkept = idle_lines(lines, *here), unkept_lines(lines, *here)
        self.notes += idle_notes(idle, unkept)
        kept = (entry for entry, line in zip(old, lines, strict=True) if line in idle)
        return replace(spec, requirements=(*spec.requirements, *kept))

    def _locked(self, spec: envfiles.EnvSpec) -> tuple[envfiles.EnvSpec, bool]:
        """Return the environment with its lock, if every file has a hash."""
        pins = PinSet(spec)
        question = LockQuestion(pins=pins, sources=self._sources(), target=pins.target(), places={})
        found = question.answer()
        self.notes += found.notes
        if found.lock is None:
            self.notes += (f"not locked: {each}" for each in found.missing)
            return spec, False
        take_along(found.found, self.draft.path / WHEELS)
        spec = prune_wheels(self.draft.path / WHEELS, spec)
        return with_hashes(spec, (*found.entries, *pins.idle), found.lock), True

    def _said(self, verdict: Verdict) -> str:
        """Return a sentence about a run that has no earlier prediction to compare with."""
        on = "its example"
        if self.example.source:
            on = f"rows that were made of {self.example.source}"
        elif self.given is not None:
            on = "the input that was given"
        same = verdict.status == "reproduces"
        again = "another process predicts the same" if same else verdict.reason
        return f"it predicts on {on}; nobody recorded what it predicted before; {again}"

    def _revival(
        self, mended: Mended, python: OldPython, *, written: bool, locked: bool = False
    ) -> Revival:
        return Revival(
            old=self.old.path,
            path=self.destination,
            as_of=self.how.indexes.dated,
            python=python.version,
            pins=mended.pins,
            rules=tuple(self.rules),
            verdict=mended.verdict,
            written=written,
            locked=locked,
            notes=(*self.notes, *mended.notes),
        )


def spec_target(spec: envfiles.EnvSpec) -> resolver.Target:
    """Return the target of an environment on this machine."""
    return PinSet(spec).target()


def _way_out(module: str) -> str:
    return f"--add LINE (extra_requirements=) names the distribution that has the module {module}"


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)


def _is_renumbered(line: str) -> bool:
    return _name(line) == "setuptools" and ".post" in line
