"""Write the files of a model folder other than the model itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..base import VERSION
from ..base.siblings import envfiles, resolver, tracer
from ..folder.documents.code_by_value import code_beside
from ..folder.documents.names import CODE, LOCK
from ..folder.documents.trace_file import FILE as TRACE
from ..folder.documents.trace_file import TraceFile
from ..folder.mlmodel import FILE, MLmodel, new_identity, relative
from ..table.signature import signature_of
from ..worker.verdict import proof
from .account import Account
from .observe.capture import Captured
from .request.pinning import PinningRequest

CONDA = "conda.yaml"
_FILES = ("file", "importer_file", "used_file")


def write(
    request: PinningRequest,
    account: Account,
    *,
    sealed: Mapping[str, str],
    pickled_with: str,
    metadata: Mapping[str, Any],
    signature: object,
) -> Account:
    """Write all files of a model folder besides the model, its loader and the example.

    MLmodel holds `sealed` (the SHA-256 of data and artifacts by path), the Python that pickled the
    model, and the user's `metadata` and `signature`, besides what the run showed. Return the
    account, with notes on these.
    """
    beside = code_beside(request.folder) != ""
    folder, captured, material = request.folder, request.captured, request.material
    for compiled in list((folder / CODE).rglob("__pycache__")):  # written by the traced run
        shutil.rmtree(compiled)
    write_environment(request, account)
    identity, created = new_identity()
    signed = signature_of(signature, material.input, captured.prediction)
    mlmodel = MLmodel(
        python=account.environment.python,
        version=VERSION,
        input=relative(material.input),
        prediction=relative(captured.prediction),
        deterministic=account.deterministic,
        compared=account.repeatability.compared,
        not_compared=account.repeatability.not_compared,
        variables=account.variables,
        provided=account.provided,
        proof=proof(account.verdict),
        left_out={item.name: item.asked_by for item in account.left_out},
        sealed=sealed,
        system=account.system,
        metadata=metadata,
        signature=signed.told,
        allow_hosts=request.policy.seal.allow_hosts,
        allow_paths=request.policy.seal.allow_paths,
        as_of=account.as_of,
        lock=(folder / LOCK).is_file(),
        pickled_with=pickled_with or (captured.python.version if beside else ""),
        code_by_value=captured.named.holds_code or beside,
        data=material.model.name,
        uuid=identity,
        created=created,
    )
    (folder / FILE).write_text(mlmodel.to_yaml(), "utf-8")
    return replace(account, notes=(*account.notes, *signed.notes))


def write_environment(request: PinningRequest, account: Account) -> None:
    """Write the environment files and the trace."""
    files = envfiles.write_files(account.environment)
    if request.requirements.conda is not None:
        files[CONDA] = request.requirements.conda.text
    for name, text in files.items():
        (request.folder / name).write_bytes(text.encode())
    trace = trace_of(request.captured, request.installed, request.folder)
    (request.folder / TRACE).write_text(trace.to_json(), "utf-8")


def trace_of(captured: Captured, installed: resolver.Installed, folder: Path) -> TraceFile:
    """Return the trace of the prediction in the form that the folder holds.

    Files are named relative to their path entries, and those in the model's own `folder`, which is
    not in its final place yet, relative to that.
    """
    own = f"{folder}{os.sep}"

    @cache
    def relative(file: str) -> str:
        if file.startswith(own):
            return file[len(own) :].replace(os.sep, "/")
        return installed.relative(file)

    def known(
        kind: type[tracer.ImportRecord | tracer.Touch], records: Iterable[object]
    ) -> Iterator[dict[str, Any]]:
        names = [each.name for each in fields(kind) if each.name != "order"]
        for values in map(attrgetter(*names), records):
            # Empty fields, which are most of a record, are left out.
            told = zip(names, values, strict=True)
            said = {name: value for name, value in told if value is not None}
            yield said | {name: relative(said[name]) for name in _FILES if name in said}

    return TraceFile(
        python=captured.python.version,
        markers=captured.python.markers,
        imports=tuple(known(tracer.ImportRecord, captured.trace.records)),
        touches=tuple(known(tracer.Touch, captured.trace.touches)),
        notes=tuple(captured.trace.notes),
    )
