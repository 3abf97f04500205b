"""Write what stands in a folder besides the model itself."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ..base.siblings import envfiles, resolver, tracer
from ..base.version import VERSION
from ..environments.spec import minor
from ..folder.example import relative
from ..folder.mlmodel import CODE, FILE, LOCK, MLmodel, new_identity
from ..folder.trace_file import TRACE
from ..pins.lock_entries import with_hashes
from ..pins.package_sources import FIND_WHEELS
from ..worker.job import Material
from ..worker.verdict import proof
from .account import Account
from .capture import Captured
from .request import PinningRequest

LOADER_SOURCE = Path(__file__).parent.parent / "folder" / "loader.py"

CONDA = "conda.yaml"

_BUILD = ("pip", "setuptools", "wheel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What MLmodel holds besides what the run showed."""

    sealed: Mapping[str, str]
    """The SHA-256 of the model's data and artifacts, by path."""
    metadata: Mapping[str, Any]
    """The user's own."""


def write(request: PinningRequest, material: Material, account: Account, notes: Notes) -> None:
    """Write all files of a model folder besides the model, its loader and the example."""
    folder, captured = request.folder, request.captured
    for compiled in list((folder / CODE).rglob("__pycache__")):  # by the run that was traced
        shutil.rmtree(compiled)
    write_environment(request, account)
    identity, created = new_identity()
    mlmodel = MLmodel(
        python=account.python,
        version=VERSION,
        input=relative(material.input),
        prediction=relative(captured.prediction),
        deterministic=captured.deterministic,
        provided=account.provided,
        proof=proof(account.verdict),
        left_out={item.name: item.asked_by for item in account.left_out},
        sealed=notes.sealed,
        metadata=notes.metadata,
        allow_hosts=request.policy.seal.allow_hosts,
        allow_paths=request.policy.seal.allow_paths,
        lock=(folder / LOCK).is_file(),
        data=material.model.name,
        uuid=identity,
        created=created,
    )
    (folder / FILE).write_text(mlmodel.to_yaml(), "utf-8")


def write_environment(request: PinningRequest, account: Account) -> None:
    """Write the environment files and the trace."""
    files = envfiles.write_files(env_spec(account, request.installed))
    if account.conda is not None:
        files[CONDA] = account.conda.text
    for name, text in files.items():
        (request.folder / name).write_bytes(text.encode())
    trace = _trace(request.captured, request.installed, request.folder)
    (request.folder / TRACE).write_text(trace, "utf-8")


def env_spec(account: Account, installed: resolver.Installed) -> envfiles.EnvSpec:
    """Return the account's pins as an environment, with the build tools that are installed."""
    entries = tuple(
        envfiles.Entry(str(pin.requirement), account.reasons[pin.name])
        for pin in account.resolution.pins
    )
    traced = minor(account.python) == minor(installed.target.python_version)
    found = {name: installed.get(name) if traced else None for name in _BUILD}
    builds = tuple(f"{name}=={d.version}" if d else name for name, d in found.items())
    bundled = any(pin.source == "wheels" for pin in account.resolution.pins)
    spec = envfiles.EnvSpec(
        python=account.python,
        requirements=entries,
        constraints=account.constraints,
        build_dependencies=builds,
        options=(*account.options, *((FIND_WHEELS,) if bundled else ())),
    )
    conda = account.conda
    if conda is not None:
        spec = replace(
            spec,
            name=conda.name or spec.name,
            channels=conda.channels,
            conda_dependencies=conda.dependencies,
        )
    if account.lock is None:
        return spec
    hashed = with_hashes(spec, entries, account.lock)
    return hashed if envfiles.knows_pylock() else replace(hashed, lock=None)


def _trace(captured: Captured, installed: resolver.Installed, folder: Path) -> str:
    """Return what the prediction touched as JSON, one record a line.

    Files are named as seen from their path entry, and those of the model's own `folder`, which is
    not at its place yet, as seen from there.
    """
    names = [field.name for field in fields(tracer.ImportRecord)]
    own = f"{folder}{os.sep}"
    records = []
    for record in captured.trace.records:
        # What is not known of a record, which is most of it for many, is left out.
        known = {name: value for name in names if (value := getattr(record, name)) is not None}
        for key in ("file", "importer_file"):
            file = known.get(key)
            if file is not None and file.startswith(own):
                known[key] = file[len(own) :].replace(os.sep, "/")
            elif file is not None:
                known[key] = installed.relative(file)
        records.append(json.dumps(known))
    head = json.dumps(
        {
            "schema": 1,
            "python": captured.python.version,
            "markers": dict(captured.python.markers),
            "notes": captured.trace.notes,
            "touches": [asdict(touch) for touch in captured.trace.touches],
        }
    )
    return head[:-1] + ', "imports": [\n' + ",\n".join(records) + "\n]}\n"
