"""The content of a model folder, read without loading anything from it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ..base.doors import door
from ..base.siblings import envfiles
from ..base.text import NOTE, ReportLine, brief, counted, few
from ..folder.code.shadowing import shadowing
from ..folder.documents.code_by_value import bound_to
from ..folder.documents.names import CODE, LOADER
from ..folder.documents.pickles import FolderPickles
from ..folder.documents.walk import walk
from ..folder.mlflow.skops_types import trusted_types
from ..folder.mlflow.sources import SourceImport, source_imports
from ..folder.mlmodel import MLmodel
from ..folder.model_folder import ModelFolder
from ..pins.pin_set import is_floating
from ..seal.seals import WORDS
from .locks.beside import LockBeside, iter_locks_beside, uv_project
from .locks.environment_files import EnvironmentFiles
from .missing import iter_missing
from .signature import Signature

_NO_FLAVOR = "no flavor is one that Python can load"
_MOST_SHOWN = 20
_MOST_FILES = 20_000
_NOT_CODE = ("__pycache__", f"{LOADER}.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The content of a model folder."""

    mlmodel: MLmodel | None
    """The MLmodel; None if no flavor is one that Python can load."""
    environment: envfiles.EnvSpec | None
    """The environment; None if the environment files are incomplete."""
    requirements: tuple[envfiles.Entry, ...]
    """The lines of the environment, also if nothing else of it is known."""
    closed: bool
    """Whether the lines are the full closure, and not for a resolver to complete."""
    flavors: Mapping[str, Any]
    """Each flavor in MLmodel, with its entries."""
    signature: Signature | None
    code: tuple[str, ...]
    """The top-level entries of the model's own code."""
    imports: tuple[SourceImport, ...]
    """Imports of that code, or of the script that makes the model, if MLflow wrote it."""
    trusted: tuple[str, ...]
    """The types that skops trusts because MLmodel lists them."""
    uv: envfiles.UvProject | None
    """The lock of a uv project that MLflow put beside the model."""
    locks: tuple[LockBeside, ...]
    """The locks beside the pins, compared with them."""
    unlike: tuple[str, ...]
    """Disagreements of the environment files with each other, as an edit by hand leaves them."""
    traced: bool
    """Whether a trace of the prediction is in the folder."""
    missing: tuple[str, ...]
    """Names of missing files, with their roles."""
    unreadable: tuple[str, ...]
    """Names of unreadable files, with the reasons."""
    pickles: FolderPickles
    """The globals in the folder's pickles, and the parts not looked into; it is no verdict."""
    shadowing: tuple[str, ...]
    """Modules of the code that shadow the standard library's."""
    bytes: int

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """Disagreements of the environment files and the locks with the requirements."""
        return (*self.unlike, *(said for each in self.locks for said in each.disagreeing))

    @property
    def globals(self) -> tuple[str, ...]:
        """Globals in the pickles, which loading would import."""
        return self.pickles.globals

    @property
    def floating(self) -> tuple[str, ...]:
        """The names that no line pins to a version or a URL."""
        return tuple(each.name for each in self.requirements if is_floating(each))

    @property
    def python(self) -> str:
        """The environment's Python version, else that of MLmodel; empty if neither has one."""
        if self.environment is not None:
            return self.environment.python
        return self.mlmodel.python if self.mlmodel is not None else ""

    @property
    def headline(self) -> str:
        """Which model it is, as far as its file says."""
        return _head(self.mlmodel, self.bytes)

    @property
    def facts(self) -> tuple[ReportLine, ...]:
        """Other facts that the folder states, in the order of the report."""
        return tuple(fact for fact in self._iter_facts() if fact.items)

    @property
    def further(self) -> tuple[ReportLine, ...]:
        """What was found out about the model when it was saved, and what its pickles name."""
        saved = () if self.mlmodel is None else _iter_further(self.mlmodel)
        return tuple(fact for fact in (*saved, *_iter_named(self.pickles)) if fact.items)

    @property
    def environment_line(self) -> str:
        """The Python and how many requirements there are; empty if another language loads it."""
        if self.mlmodel is None:
            return ""
        count = counted(len(self.requirements), "pin" if self.closed else "requirement")
        count += "" if self.closed else f", {len(self.floating)} floating"
        known = self.environment is not None or self.requirements
        return f"Python {self.python or 'unknown'}, {count if known else 'requirements unknown'}"

    def __str__(self) -> str:
        """Return a short report, a fact a line."""
        lines = [self.headline, *map(str, self.facts)]
        if self.mlmodel is not None:
            width = max((len(each.requirement) for each in self.requirements), default=0)
            lines.append(self.environment_line + (":" if self.requirements else ""))
            rows = ((each.requirement, each.comment) for each in self.requirements)
            lines += (f"  {line:<{width}}  {comment}".rstrip() for line, comment in rows)
        return "\n".join([*lines, *map(str, self.further)])

    def _iter_facts(self) -> Iterator[ReportLine]:
        yield ReportLine("flavors", (_flavors(self.flavors),))
        if self.mlmodel is None:
            yield ReportLine(_NO_FLAVOR, ("python_function is missing",))
        elif self.mlmodel.written_by_mlflow:
            yield ReportLine("loader", (self.flavors["python_function"]["loader_module"],))
        yield ReportLine("signature", (str(self.signature),) if self.signature else ())
        yield ReportLine("code", (few(self.code),) if self.code else ())
        tops = dict.fromkeys(each.module.partition(".")[0] for each in self.imports)
        yield ReportLine("imported by its own code", (few(tuple(tops)),) if tops else ())
        if self.trusted:
            yield ReportLine("skops trusts on the word of MLmodel alone", (few(self.trusted),))
        named = tuple(f"{CODE}/{each}" for each in self.shadowing)
        yield ReportLine("in front of the standard library's own modules", named)
        yield ReportLine("proof", (self._proof,))
        if self.mlmodel is not None:
            for name, needed in self.mlmodel.needs.items():
                yield ReportLine(f"to be provided where it runs ({name}=)", tuple(needed))
            yield ReportLine("input example", (_describe(self.mlmodel.input),))
        yield from (ReportLine("missing", (each,)) for each in self.missing)
        yield from (ReportLine("cannot be read", (each,)) for each in self.unreadable)
        if self.uv is not None:
            locked, alone = counted(len(self.uv.versions), "distribution"), self.uv.project is None
            title = "uv.lock" if alone else "uv.lock and pyproject.toml"
            whole = "" if alone else ", from which MLflow's uv restores"
            yield ReportLine(title, (f"{locked}{whole}",))
        yield from (ReportLine("the files disagree", (each,)) for each in self.disagreeing)
        yield from (ReportLine(lock.file, (said,)) for lock in self.locks for said in lock.remarks)

    @property
    def _proof(self) -> str:
        """The proof of the pins, in words."""
        model = self.mlmodel
        if model is None or model.written_by_mlflow:
            return "unproven; no trace"
        proof = model.proof
        untraced = "not traced; " if model.input["type"] == "none" else ""
        text = f"{untraced}{proof['status']}"
        if "where" in proof:
            text += f": {proof.get('reason')}, in {proof['where']}"
            text += f", {WORDS.get(proof['seal'], proof['seal'])}" if "seal" in proof else ""
        return text

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the report for a notebook."""
        from ..base.telling.notebook import as_html

        return as_html(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        listed = [
            {"requirement": each.requirement, "because": each.comment} for each in self.requirements
        ]
        return {
            "schema": 1,
            **({} if self.mlmodel is None else self.mlmodel.to_json()),
            "flavors": {name: said for name, said in self.flavors.items() if name != "modelenv"},
            "signature": self.signature.to_json() if self.signature else None,
            "code": list(self.code),
            "imports": [{"module": each.module, "place": each.place} for each in self.imports],
            "trusted": list(self.trusted),
            "uv_lock": self.uv.to_json() if self.uv else None,
            "disagreeing": list(self.disagreeing),
            "locks": [each.to_json() for each in self.locks],
            "python": self.python or None,
            "closed": self.closed,
            "pins" if self.closed else "requirements": listed,
            "floating": list(self.floating),
            "traced": self.traced,
            "missing": list(self.missing),
            "unreadable": list(self.unreadable),
            "globals": list(self.globals),
            "pickles": {name: list(each) for name, each in self.pickles.named.items()},
            "known_to_run_code": {
                name: list(each) for name, each in self.pickles.commanding.items()
            },
            "not_scanned": [each.to_json() for each in self.pickles.unscanned],
            "shadowing": list(self.shadowing),
            "bytes": self.bytes,
        }


@door
def inspect_model(folder: str | os.PathLike[str]) -> Inspection:
    """Read the content of a folder; nothing of it is loaded or run.

    Missing files are listed by name. Raises BadFolderError if there is no MLmodel, or an
    unreadable one.
    """
    model = ModelFolder.fetched(folder)
    mlmodel = model.mlmodel if model.is_loadable or not model.flavors else None
    found = EnvironmentFiles.of(model)
    code = model.path / CODE
    locks = () if found.spec is None else tuple(iter_locks_beside(model))
    unlockable = tuple(said for lock in locks for said in lock.unreadable)
    return Inspection(
        mlmodel=mlmodel,
        environment=found.spec,
        requirements=found.lines,
        closed=model.ours if found.spec is None else model.pins.closed,
        flavors=model.flavors,
        signature=Signature.of(model.document),
        code=_top(code),
        imports=tuple(source_imports(model)),
        trusted=trusted_types(model),
        uv=uv_project(model),
        locks=locks,
        unlike=found.unlike,
        traced=model.is_traced,
        missing=(*iter_missing(model), *found.missing),
        unreadable=(*found.unreadable, *unlockable),
        pickles=FolderPickles.of(model.path, code, _loaded(model)),
        shadowing=shadowing(code),
        bytes=sum(each.size for each in islice(walk(model.path), _MOST_FILES) if not each.left),
    )


def _top(code: Path) -> tuple[str, ...]:
    """Return the top-level entries of the code; none if there is no code."""
    try:
        return tuple(sorted(file.name for file in code.iterdir() if file.name not in _NOT_CODE))
    except OSError:
        return ()


def _loaded(model: ModelFolder) -> set[str]:
    """Return MLmodel's entries about files that are loaded, and its others in a word."""
    flavors = (said.values() for said in model.flavors.values() if isinstance(said, dict))
    return {each.rstrip("/") for said in flavors for each in said if isinstance(each, str)}


def _describe(described: Mapping[str, Any]) -> str:
    """Return the type of an example, and its file."""
    if described["type"] == "examples":
        return "; ".join(map(_describe, described["items"]))
    return f"{described['type']} ({described['file']})" if "file" in described else "none"


def _head(model: MLmodel | None, size: int) -> str:
    """Return a line about the model: its maker, its time, its size."""
    if model is None:
        return f"a model for another language than Python, {size:,} bytes"
    maker = model.version if model.written_by_mlflow else f"modelenv {model.version}"
    created = f" {model.created} UTC" if model.created else ""
    name = f"model {model.uuid}" if model.uuid else "a model without an id"
    revived = ", revived" if model.revived else ""
    return f"{name}, made{created}{revived} by {maker}, {size:,} bytes"


def _flavors(flavors: Mapping[str, Any]) -> str:
    """Return the flavors, with the library version that each states."""
    named = []
    for name, said in flavors.items():
        keys = (f"{name}_version", "version") if isinstance(said, dict) else ()
        version = next((str(said[key]) for key in keys if key in said), "")
        named.append(f"{name} {version}".rstrip())
    return ", ".join(named)


def _iter_further(model: MLmodel) -> Iterator[ReportLine]:
    """Yield what was found out of the model when it was saved."""
    if model.not_compared:
        yield ReportLine("not deterministic", (few(model.not_compared),))
    given = (f"{name}={value}" for name, value in model.variables.items())
    yield ReportLine("environment variables of every run", tuple(given))
    if model.code_by_value and model.pickled_with:
        yield ReportLine(NOTE, (bound_to(model.pickled_with),))
    yield ReportLine("resolved as of", (model.as_of,) if model.as_of else ())
    if model.system is not None and model.system.packages:
        yield ReportLine("of the system it ran on", (str(model.system),))
    yield ReportLine("left out", tuple(f"{name} ({by})" for name, by in model.left_out.items()))
    yield from (ReportLine("", (f"revived, {each}",)) for each in model.revived)
    yield ReportLine("", (str(model.upgraded),) if model.upgraded is not None else ())


def _iter_named(pickles: FolderPickles) -> Iterator[ReportLine]:
    """Yield what the pickles name, what of it is known to run code, and what was not scanned."""
    yield ReportLine("the pickles name", pickles.globals)
    for place, names in pickles.commanding.items():
        yield ReportLine("known to run code when it is loaded", (f"{', '.join(names)} ({place})",))
    yield from (ReportLine("not scanned", (str(each),)) for each in pickles.unscanned[:_MOST_SHOWN])
    if (more := len(pickles.unscanned) - _MOST_SHOWN) > 0:
        yield ReportLine("not scanned", (f"{more} more (--json names them)",))
