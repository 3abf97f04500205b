"""Files that start models elsewhere are written so that they start there."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import envfiles
from modelenv.base.settings import Settings
from modelenv.export.errors import NotExportedError
from modelenv.export.exporting import FORMS

from ...small_worlds import PYTHON, write_wheel
from .worlds import described, export

UV = Settings.from_environment().uv
MINOR = ".".join(PYTHON.split(".")[:2])
tools = pytest.mark.skipif(UV is None, reason="uv is not here, and makes the environments")


def load(text: str) -> Any:
    """Read YAML."""
    return envfiles.load_yaml(text)


def test_ray_is_given_the_pins_alone(locked: Path, tmp_path: Path) -> None:
    described(locked, PYTHON, "PYTHONHASHSEED: '7'")
    done, text = export(locked, tmp_path / "env.yaml", "ray-runtime-env")
    said = load(text)
    lines = said["pip"]["packages"]
    assert [each.split(" ")[0] for each in lines] == [*done.pins]
    assert all("--hash=sha256:" in each for each in lines)
    assert "--no-deps" in said["pip"]["pip_install_options"]
    assert said["env_vars"] == {"PYTHONHASHSEED": "7"}
    assert any(f"Python {PYTHON}" in each for each in done.unexpressed)


def test_ray_looks_for_wheels_that_travel_in_the_folder_of_the_job(
    folder: Path, tmp_path: Path
) -> None:
    write_wheel(folder / "wheels", "delta", "4.0")
    done, text = export(folder, tmp_path / "env.yaml", "ray-runtime-env")
    place = "${RAY_RUNTIME_ENV_CREATE_WORKING_DIR}/model/wheels"
    assert load(text)["pip"]["packages"][0] == f"--find-links {place}"
    assert any("the wheels of delta" in each for each in done.notes)


def test_a_container_to_develop_in_has_the_python_and_the_pins(folder: Path) -> None:
    done, text = export(folder, folder.parent, "devcontainer")
    assert done.place == folder.parent / ".devcontainer/devcontainer.json"
    said = json.loads(text)
    assert said["image"].endswith(f"/python:{PYTHON}")
    assert said["postCreateCommand"].endswith("--no-deps -r .devcontainer/requirements.txt")
    pins = (folder.parent / ".devcontainer/requirements.txt").read_text()
    assert [line.split()[0] for line in pins.splitlines() if line[0].isalpha()] == [*done.pins]
    assert "onCreateCommand" not in said


def test_a_container_has_the_wheels_that_travel_or_is_refused(folder: Path, tmp_path: Path) -> None:
    write_wheel(folder / "wheels", "delta", "4.0")
    said = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"--find-links wheels\n{said}")
    with pytest.raises(NotExportedError, match="delta: the container does not mount") as raised:
        export(folder, tmp_path / "other", "devcontainer")
    assert f"-o {folder.parent}" in str(raised.value)
    export(folder, folder.parent, "devcontainer")
    pins = (folder.parent / ".devcontainer/requirements.txt").read_text()
    assert "--find-links ../model/wheels\n" in pins


def test_what_the_system_has_to_bring_is_installed_or_said(folder: Path, tmp_path: Path) -> None:
    text = (folder / "MLmodel").read_text()
    used = "{package: libgomp1, what: libraries, files: [/usr/lib/libgomp.so.1]}"
    zones = "{package: tzdata, what: time zones, files: [/usr/share/x], distribution: delta}"
    system = f"    system: {{release: debian 12, packages: [{used}, {zones}]}}\n"
    changed = text.replace("    deterministic: true\n", f"    deterministic: true\n{system}")
    (folder / "MLmodel").write_text(changed)
    _, container = export(folder, tmp_path, "devcontainer")
    assert json.loads(container)["onCreateCommand"].endswith("--no-install-recommends libgomp1")
    bento, _ = export(folder, tmp_path, "bentofile")
    said = load(bento.place.read_text("utf-8"))
    assert said["docker"]["system_packages"] == ["libgomp1"]
    done, _ = export(folder, tmp_path / "env.yaml", "ray-runtime-env")
    assert any("libgomp1" in each for each in done.unexpressed)


def test_a_bento_takes_the_model_the_pins_and_the_wheels(folder: Path) -> None:
    described(folder, PYTHON, "PYTHONHASHSEED: '7'")
    write_wheel(folder / "wheels", "delta", "4.0")
    done, text = export(folder, folder.parent, "bentofile")
    said = load(text)
    names = [each.name for each in done.files]
    assert names == ["bentofile.yaml", "service.py", "predicting.py", "bento-requirements.txt"]
    assert said["envs"] == [{"name": "PYTHONHASHSEED", "value": "7"}]
    assert said["include"] == ["service.py", "predicting.py", "model/"]
    assert said["python"]["wheels"] == ["model/wheels/delta-4.0-py3-none-any.whl"]
    listed = (folder.parent / said["python"]["requirements_txt"]).read_text()
    assert "alpha==1.0\n" in listed
    assert "delta" not in listed.replace("# The pins of model.", "")
    for each in done.files:
        if each.suffix == ".py":
            compile(each.read_text("utf-8"), each.name, "exec")


def test_a_model_of_mlservers_says_its_tensors(folder: Path) -> None:
    done, text = export(folder, folder.parent, "model-settings")
    said = json.loads(text)
    assert said["inputs"] == [{"name": "input", "datatype": "FP64", "shape": [-1, 3]}]
    assert said["parameters"] == {"uri": "./model", "version": "0a1b"}
    assert any("MLServer installs nothing" in each for each in done.unexpressed)


def test_the_name_of_the_folder_is_no_part_of_the_pins(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.mkdir()
    folder.rename(place / "model")
    done, _ = export(place / "model", place, "model-settings")
    lines = (place / "requirements.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines if line[:1].isalpha()] == [*done.pins]


@pytest.mark.parametrize("to", ["bentofile", "model-settings"])
def test_what_is_made_of_a_folder_needs_the_model_in_it(
    folder: Path, tmp_path: Path, to: Any
) -> None:
    with pytest.raises(NotExportedError, match="the model is in ") as raised:
        export(folder, tmp_path / "other", to)
    assert f"-o {folder.parent}" in str(raised.value)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("to", ["ray-runtime-env", "bentofile", "model-settings", "devcontainer"])
def test_the_variables_of_a_login_have_to_be_set(folder: Path, to: Any) -> None:
    said = (folder / "requirements.txt").read_text()
    option = "--extra-index-url https://${TOKEN}@host.invalid/simple"
    (folder / "requirements.txt").write_text(f"{option}\n{said}")
    is_folder = FORMS[to].is_folder
    done, _ = export(folder, folder.parent if is_folder else folder.parent / "x.yaml", to)
    assert "set TOKEN: the credentials for host.invalid are in no file" in done.notes


class Box:
    """An environment of its own for a tool that models are started by."""

    def __init__(self, root: Path) -> None:
        self.root = root
        run(UV, "venv", "-q", "--python", MINOR, root)

    def install(self, *words: object) -> None:
        """Install with uv."""
        run(UV, "pip", "install", "-q", "--python", self.root, *words)

    def run(self, program: str, *words: object, **how: Any) -> str:
        """Run a program of it; return what it prints."""
        return run(self.root / "bin" / program, *words, **how)


def run(*words: object, **how: Any) -> str:
    """Run a command to its end; its output is told where it fails."""
    ended = subprocess.run(
        [str(each) for each in words], check=False, capture_output=True, text=True, **how
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return str(ended.stdout)


@pytest.fixture
def copy(wine: Any, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that gives a folder of a name with a copy of a real model in it."""

    def made(name: str) -> Path:
        shutil.copytree(wine.folder, tmp_path / name / "wine")
        return tmp_path / name

    return made


@contextmanager
def started(command: list[object], cwd: Path, ready: str) -> Iterator[None]:
    """Start a server, and wait until it is ready; it has ended after the block."""
    log = cwd.parent / "log.txt"
    environment = {**os.environ, "HOME": str(cwd.parent), "BENTOML_DO_NOT_TRACK": "1"}
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [str(each) for each in command], cwd=cwd, stdout=file, stderr=file, env=environment
        ) as server,
    ):
        try:
            for _ in range(600):
                assert server.poll() is None, log.read_text()
                try:
                    with urllib.request.urlopen(ready) as answer:
                        if answer.status == 200:
                            break
                except OSError:
                    time.sleep(0.2)
            else:
                raise AssertionError(log.read_text())
            yield
        finally:
            server.terminate()


def asked(url: str, body: object) -> Any:
    """Post JSON; return the JSON of the answer."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.mark.slow
@tools
def test_bentoml_builds_and_serves_it(
    wine: Any, copy: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = copy("bento")
    export(folder / "wine", folder, "bentofile")
    box = Box(tmp_path / "box")
    box.install("bentoml==1.4.40", "pip", "uv", "-r", folder / "bento-requirements.txt")
    environment = {
        **os.environ,
        "BENTOML_HOME": str(tmp_path / "home"),
        "BENTOML_DO_NOT_TRACK": "1",
        "PATH": f"{box.root / 'bin'}:{os.environ['PATH']}",
    }
    # Of a folder that is not below the working directory it builds nothing.
    box.run("bentoml", "build", env=environment, cwd=folder)
    (bento,) = (tmp_path / "home/bentos/wine").glob("*/bento.yaml")
    listed = (bento.parent / "env/python/requirements.txt").read_text()
    assert all(line in listed for line in modelenv_lines(folder))
    port = free_port()
    serve = [box.root / "bin/bentoml", "serve", "--port", port, "--host", "127.0.0.1"]
    with started(serve, folder, f"http://127.0.0.1:{port}/readyz"):
        answer = asked(f"http://127.0.0.1:{port}/predict", {"data": wine.example.tolist()})
    assert answer == wine.prediction.tolist()


def modelenv_lines(folder: Path) -> list[str]:
    """Return the pins of the model in a folder."""
    return [each.requirement for each in envfiles.read_folder(folder / "wine").requirements]


@pytest.mark.slow
@tools
def test_mlserver_answers_with_it(wine: Any, copy: Callable[[str], Path], tmp_path: Path) -> None:
    folder = copy("models")
    export(folder / "wine", folder, "model-settings")
    box = Box(tmp_path / "box")
    box.install("mlserver==1.7.1", "-r", folder / "requirements.txt")
    check = (
        "import sys; from mlserver.settings import ModelSettings as m; m.parse_file(sys.argv[1])"
    )
    box.run("python", "-c", check, folder / "model-settings.json")
    http, grpc, metrics = free_port(), free_port(), free_port()
    ports = {"http_port": http, "grpc_port": grpc, "metrics_port": metrics}
    settings = {"host": "127.0.0.1", "parallel_workers": 0, **ports}
    (folder / "settings.json").write_text(json.dumps(settings))
    base = f"http://127.0.0.1:{http}/v2"
    tensor = {
        "name": "input",
        "datatype": "FP64",
        "shape": [*wine.example.shape],
        "data": wine.example.ravel().tolist(),
    }
    with started([box.root / "bin/mlserver", "start", "."], folder, f"{base}/health/ready"):
        answer = asked(f"{base}/models/wine/infer", {"inputs": [tensor]})
    (output,) = answer["outputs"]
    assert output["data"] == wine.prediction.tolist()
    assert output["shape"] == [*wine.prediction.shape]


@pytest.mark.slow
@tools
def test_a_task_of_rays_predicts_in_it(
    wine: Any, copy: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = copy("job")
    done, _ = export(folder / "wine", tmp_path / "env.yaml", "ray-runtime-env")
    box = Box(tmp_path / "box")
    box.install("ray==2.60.0", "pip", "virtualenv", "pyyaml")
    script = tmp_path / "task.py"
    script.write_text(
        "import json, sys, yaml, ray\n"
        "environment = yaml.safe_load(open(sys.argv[1])) | {'working_dir': sys.argv[2]}\n"
        "ray.init(runtime_env=environment, num_cpus=1, include_dashboard=False,"
        " log_to_driver=False)\n"
        "@ray.remote\n"
        "def predict():\n"
        "    import numpy\n"
        "    sys.path.insert(0, 'wine/code')\n"
        "    from modelenv_pyfunc_loader import load_model\n"
        "    rows = numpy.array(json.load(open('wine/input_example.json')))\n"
        "    return load_model('wine').predict(rows).tolist()\n"
        "print(json.dumps(ray.get(predict.remote(), timeout=400)))\n"
    )
    # The sockets of Ray stand in it, whose paths may not be long.
    short = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    wait = {"RAY_raylet_start_wait_time_s": "300"}
    environment = {**os.environ, **wait, "HOME": str(tmp_path), "TMPDIR": str(short)}
    try:
        told = box.run("python", script, done.place, folder, env=environment)
    finally:
        shutil.rmtree(short, ignore_errors=True)
    assert json.loads(told.splitlines()[-1]) == wine.prediction.tolist()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npx") is None, reason="npm is not here")
def test_the_tool_of_containers_to_develop_in_reads_it(folder: Path, tmp_path: Path) -> None:
    done, text = export(folder, folder.parent, "devcontainer")
    command = ["npx", "--yes", "@devcontainers/cli@0.89.0", "read-configuration"]
    command += ["--docker-path", "true", "--workspace-folder", str(folder.parent)]
    told = json.loads(run(*command, env={**os.environ, "HOME": str(tmp_path)}).splitlines()[-1])
    read = told["configuration"]
    assert {name: read[name] for name in json.loads(text)} == json.loads(text)
    assert read["configFilePath"]["path"] == str(done.place)
