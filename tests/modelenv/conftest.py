"""Small projects, small sites and worker runs, made from data; and nothing may be left behind."""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
import pickle
import sys
import tempfile
import textwrap
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from modelenv.base.files.scratch import scratch_folder
from modelenv.folder.documents.names import LOADER_SOURCE
from modelenv.worker import process, values
from modelenv.worker.job import Ended, Job
from modelenv.worker.process import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a folder for temporary files, which has to be empty at its end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert [path.name for path in folder.iterdir()] == []


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what tests build and note away from the user's; of one run it is shared."""
    _keep_away(tmp_path_factory, monkeypatch)


def _keep_away(factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MODELENV_CACHE_DIR", str(factory.getbasetemp() / "environments"))
    patch.setenv("MODELENV_STATE_DIR", str(factory.getbasetemp() / "state"))


@pytest.fixture
def own_path(tmp_path: Path) -> Iterator[None]:
    """Let a test put folders on the path and import from them; forget both at its end."""
    before = list(sys.path)
    yield
    sys.path[:] = before
    _forget(tmp_path)


def _forget(folder: Path) -> None:
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


class Project:
    """A folder of the user's own code, on the path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        sys.path.insert(0, str(root))

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        importlib.invalidate_caches()
        return file

    def get(self, name: str, text: str, attribute: str = "predict") -> Any:
        """Write a module, import it and return one of its attributes."""
        self.write(name.replace(".", "/") + ".py", text)
        return getattr(importlib.import_module(name), attribute)

    def model(self, body: str, *, module: str = "own_model") -> Any:
        """Return a model whose ``predict(self, data)`` has this body."""
        return self.get(module, model_source(body), "Model")()


def model_source(body: str) -> str:
    """Write a module with a class ``Model`` whose ``predict(self, data)`` has this body."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
    return f"class Model:\n    def predict(self, data):\n{lines}\n"


@pytest.fixture
def project(tmp_path: Path, own_path: None) -> Project:
    """A project with nothing in it."""
    return Project(tmp_path / "project")


@contextmanager
def made_once(factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Give a project to make in what the tests of a module share; what is changed is undone."""
    root = factory.mktemp("once")
    before = list(sys.path)
    with pytest.MonkeyPatch.context() as patch:
        _keep_away(factory, patch)
        yield Project(root / "project")
    sys.path[:] = before
    _forget(root)


class Site:
    """A folder of installed distributions."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def install(
        self,
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        version: str = "1.0",
        requires: Iterable[str] = (),
        record: bool = True,
        entry_points: str = "",
        hashed: bool = False,
    ) -> Path:
        """Install a distribution, by default one with a module of its name; return its metadata.

        `hashed`: RECORD has the hashes of its files.
        """
        texts = {f"{name}.py": ""} if files is None else dict(files)
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
        texts[f"{info}/METADATA"] = (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        if entry_points:
            texts[f"{info}/entry_points.txt"] = entry_points
        for path, text in texts.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if record:
            digests = {path: _digest(text) for path, text in texts.items()} if hashed else {}
            paths = [*texts, f"{info}/RECORD"]
            rows = "".join(f"{path},{digests.get(path, '')},\n" for path in paths)
            (self.root / info / "RECORD").write_text(rows)
        importlib.invalidate_caches()
        return self.root / info


def _digest(text: str) -> str:
    value = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that nobody looks at."""
    return Site(tmp_path / "lib" / "python3" / "site-packages")


@pytest.fixture
def own_site(tmp_path: Path, own_path: None) -> Site:
    """A site that is on the path of this process."""
    made = Site(tmp_path / "site-packages")
    sys.path.append(str(made.root))
    return made


HERE = Interpreter(executable=Path(sys.executable))


class Bench:
    """Worker runs of small models in a folder of their own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.code = root / "code"
        self.code.mkdir(parents=True)

    def job(self, body: str, *, data: object = 2, **further: Any) -> Job:
        """Ask for one run of a model whose ``predict(self, data)`` has this body."""
        self.write("own_model.py", model_source(body))
        pickled = self.root / "model.pkl"
        pickled.write_bytes(b"cown_model\nModel\n(tR.")
        usual = {
            "input": values.write(data, str(self.root / "input")),
            "code": (self.code,),
            "output": self.root / "prediction",
        }
        return Job(model=pickled, loader=LOADER_SOURCE, **{**usual, **further})

    def recorded(self, prediction: object) -> Mapping[str, Any]:
        """Write a prediction to compare with and return its description."""
        return values.write(prediction, str(self.root / "recorded"))

    def write(self, name: str, text: str) -> Path:
        """Write a file of the model's code."""
        file = self.code / name
        file.write_text(textwrap.dedent(text))
        return file

    def run(
        self,
        body: str,
        *,
        timeout: float = 30.0,
        interpreter: Interpreter = HERE,
        **further: Any,
    ) -> Ended:
        """Run such a job to its end."""
        return process.run(self.job(body, **further), interpreter, timeout=timeout)

    def cut_off(self, body: str, mark: Path, *, limit: float = 0.0) -> Ended:
        """Run such a job, and end it for its time once it has written the file `mark`."""
        job = self.job(body)
        with scratch_folder() as folder, process.start(job, HERE, folder) as worker:
            while not (mark.is_file() and mark.read_text()):
                time.sleep(0.02)
            time.sleep(limit)
            return worker.wait(limit)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with nothing on it."""
    return Bench(tmp_path / "bench")


def lives(pid: int) -> bool:
    """Tell whether a process runs; a dead one whom nobody has buried does not."""
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX"
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def ends() -> Any:
    """Return a function that waits for a process to end and tells whether it did."""

    def ended(pid: int) -> bool:
        limit = time.monotonic() + 60
        while lives(pid) and time.monotonic() < limit:
            time.sleep(0.02)
        return not lives(pid)

    return ended


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Name a folder that is not there, in one that is empty."""
    parent = tmp_path / "out"
    parent.mkdir()
    return parent / "model"


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Save a scikit-learn pipeline once for all tests: its account, and its example."""
    from sklearn.datasets import load_wine
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import modelenv

    features, kinds = load_wine(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, kinds)
    example = features[::40]
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # whose folder stands in the one of the whole run
        place = place.parent
    folder, kept = place / "wine" / "model", place / "wine" / "account.pkl"
    folder.parent.mkdir(exist_ok=True)
    with FileLock(place / "wine.lock"):
        if not kept.exists():
            account = modelenv.save_model(model, folder, input_example=example)
            kept.write_bytes(pickle.dumps(account))
    return SimpleNamespace(
        account=pickle.loads(kept.read_bytes()),
        folder=folder,
        example=example,
        prediction=model.predict(example),
    )
