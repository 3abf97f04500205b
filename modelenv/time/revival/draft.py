"""The new folder of an old model under construction: a copy with our loader and other pins."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...base import VERSION
from ...base.siblings import envfiles
from ...base.text import be
from ...folder import artifacts as artifact
from ...folder.documents.names import CODE, LOADER, LOADER_SOURCE, LOCK, MODEL, NOTHING
from ...folder.example import INPUT, PREDICTION
from ...folder.mlmodel import FILE, MLmodel, new_identity
from ...folder.model_folder import ModelFolder
from ...folder.rewrite import UV_FILES, target_options
from ...worker.verdict import Repeatability, Verdict, proof
from .example import OldExample
from .reading.old_model import OldModel
from .values import AppliedRule

_FEATURES = Path(__file__).parent.parent / "inside" / "modelenv_features.py"
# Files beside a model that are replaced, or that would mislead an installer.
_LEFT = (
    FILE,
    *("requirements.txt", "conda.yaml", "python_env.yaml", "constraints.txt"),
    *("pylock*.toml", *UV_FILES),
)
_OURS = "python_function"
# Files that later edits replace; code has no recorded digest in any folder.
_WRITTEN = (CODE, INPUT, PREDICTION, "trace")


@dataclass(frozen=True, slots=True)
class Draft:
    """A new folder that is being filled, and the old model that it is made of."""

    old: OldModel
    path: Path

    @property
    def folder(self) -> ModelFolder:
        """The present state of the folder."""
        return ModelFolder(self.path)

    def fill(self) -> None:
        """Copy the files of the model, and put our loader beside them. Raises OSError."""
        old, code = self.old, self.path / CODE
        if old.folder is None:
            place = self.path / (old.loading.beside or MODEL)
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(old.path, place)
        else:
            shutil.copytree(
                old.path, self.path, symlinks=True, ignore=self._ignored, dirs_exist_ok=True
            )
        self._take_data()
        if old.code is not None and old.code != old.path / CODE:
            shutil.copytree(old.code, code, ignore=ignored_bytecode, dirs_exist_ok=True)
        code.mkdir(exist_ok=True)
        if old.kind != "modelenv":
            shutil.copyfile(LOADER_SOURCE, code / f"{LOADER}.py")

    def _ignored(self, folder: str, names: list[str]) -> set[str]:
        """Return the files that stay behind; deeper ones of such names are the model's own data."""
        left = ignored_bytecode(folder, names)
        if Path(folder) == self.old.path:
            left |= shutil.ignore_patterns(*_LEFT)(folder, names)
        return left

    def iter_left(self, destination: Path) -> Iterator[str]:
        """Yield a sentence on each lock of the old folder that the new one does not have."""
        if self.old.folder is None:
            return
        beside = self.old.path
        if project := [name for name in UV_FILES if (beside / name).exists()]:
            said = f"{' and '.join(project)} {be(len(project))} left out"
            yield f"{said}: installers would follow the old project, and not the new pins"
        again = f"modelenv lock -m {destination}"
        for file in sorted(each.name for each in beside.glob("pylock*.toml") if each.name != LOCK):
            yield f"{file} is left out, as its pins are the old ones: {again}"
        if several := target_options(beside):
            yield f"{LOCK} is for one target now: {again}{several}"

    def _take_data(self) -> None:
        """Put the data where our loader looks for it."""
        loading = self.old.loading
        if self.old.kind == "modelenv":
            return
        data = self.path / loading.data
        if self.old.folder and loading.pickle and (self.path / loading.pickle) != data:
            shutil.copyfile(self.path / loading.pickle, data)
        if loading.script:
            data.write_text(loading.script, "utf-8")
        if loading.artifacts:
            text = json.dumps(dict(loading.artifacts), indent=1)
            (self.path / artifact.INDEX).write_text(text, "utf-8")

    def write_environment(self, spec: envfiles.EnvSpec) -> None:
        """Write the environment files, and the lock if there is one."""
        (self.path / LOCK).unlink(missing_ok=True)
        for name, text in envfiles.write_files(spec).items():
            (self.path / name).write_bytes(text.encode())

    def write_mlmodel(
        self,
        python: str,
        example: OldExample,
        *,
        prediction: Mapping[str, Any] = NOTHING,
        repeatability: Repeatability | None = None,
        verdict: Verdict | None = None,
        sealed: Mapping[str, str] | None = None,
        as_of: str = "",
        rules: Iterable[AppliedRule] = (),
    ) -> None:
        """Write MLmodel, as far as all is known by now."""
        repeatability = repeatability or Repeatability()
        ours = replace(
            self._described(python),
            python=python,
            input=example.described,
            prediction=prediction,
            deterministic=repeatability.deterministic,
            compared=repeatability.compared,
            not_compared=repeatability.not_compared,
            proof=proof(verdict),
            sealed=sealed or {},
            as_of=as_of,
            revived=tuple(map(str, rules)),
            lock=(self.path / LOCK).is_file(),
        )
        self._write(ours)

    def _described(self, python: str) -> MLmodel:
        """Return MLmodel's entries about the model itself; for the Python `python` if unstated."""
        old, said = self.old, self.old.mlmodel
        if said is not None and old.kind == "modelenv":
            return said
        identity, now = new_identity()
        signature = old.document.get("signature")
        return MLmodel(
            python="",
            version=VERSION,
            input=NOTHING,
            prediction=NOTHING,
            deterministic=True,
            metadata={} if said is None else said.metadata,
            uuid=identity,
            created=("" if said is None else said.created) or now,
            pickled_with=old.python or (python if old.loading.holds_code else ""),
            code_by_value=old.loading.holds_code,
            script_unpickles=bool(old.loading.script and old.unpickled),
            signature=signature if isinstance(signature, dict) else None,
            data=old.loading.data,
        )

    def _write(self, ours: MLmodel) -> None:
        """Write MLmodel with the entries of other tools: other flavors, its run."""
        made = envfiles.load_yaml(ours.to_yaml(), file=FILE)
        assert isinstance(made, dict)
        document, old = dict(made), self.old.document
        others = {key: value for key, value in old.items() if key not in ("flavors", *made)}
        flavors = {} if self.old.folder is None else dict(self.old.folder.flavors)
        theirs = {key: said for key, said in flavors.items() if key not in (_OURS, "modelenv")}
        kept = flavors.get("modelenv") if self.old.kind == "modelenv" else None
        own = {**(kept if isinstance(kept, dict) else {}), **made["flavors"]["modelenv"]}
        if not ours.lock:
            own.pop("lock", None)
        made["flavors"][_OURS].update(self.old.loading.kept)
        document["flavors"] = {**theirs, **made["flavors"], "modelenv": own}
        info = old.get("saved_input_example_info")
        document.pop("saved_input_example_info", None)
        if info is not None:
            document["saved_input_example_info"] = info
        text = envfiles.dump_yaml({**others, **document})
        (self.path / FILE).write_text(text, "utf-8")

    def sealed(self) -> Mapping[str, str]:
        """Return the digests of the files that the model reads, without code."""
        return artifact.seal(self.path, self.old.loading.data, beside=sorted(self._read_beside()))

    def _read_beside(self) -> Iterator[str]:
        """Yield the files of the old folder that its script reads, by their paths."""
        old = self.old
        if old.kind == "modelenv" and old.mlmodel is not None:  # it was revived before
            yield from (name for name in old.mlmodel.sealed if (self.path / name).is_file())
        for read in old.loading.reads:
            place = self.path / read
            files = [place] if place.is_file() else place.rglob("*")
            for name in (each.relative_to(self.path) for each in files if each.is_file()):
                if read or self._is_data(name):
                    yield name.as_posix()

    def _is_data(self, name: Path) -> bool:
        """Return whether a file is data of the old folder, and no environment file or loader."""
        own, first = (self.old.path / name).is_file(), Path(name.parts[0]).stem
        left = len(name.parts) == 1 and any(name.match(pattern) for pattern in _LEFT)
        return own and not (left or ignored_bytecode("", name.parts)) and first not in _WRITTEN

    @contextmanager
    def features_loader(self) -> Iterator[Path]:
        """Put the loader that describes the inputs beside the model's own, for a block."""
        place = self.path / CODE / _FEATURES.name
        shutil.copyfile(_FEATURES, place)
        try:
            yield place
        finally:
            place.unlink()

    def clean(self) -> None:
        """Remove what runs left beside the code."""
        for folder in [*self.path.rglob("__pycache__")]:
            shutil.rmtree(folder)


def ignored_bytecode(_: str, names: Iterable[str]) -> set[str]:
    """Return the bytecode among some files, which does not travel."""
    return {name for name in names if name == "__pycache__" or name.endswith(".pyc")}
