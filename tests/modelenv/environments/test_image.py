"""In an image the environment that was built into it is taken, where it is that of the pins."""

from __future__ import annotations

import sys
import tempfile
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.base.settings import Settings
from modelenv.environments.errors import AnotherEnvironmentError, FixedEnvironmentError
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.environments.spec import (
    EnvironmentContents,
    Manager,
    ReadyEnvironment,
    request_environment,
)
from modelenv.environments.uncached import UNSEALED_IMAGE
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.isolated import RunOptions, wanted_of
from modelenv.seal.choose import SealRequest
from modelenv.seal.seals import Wanted

Opened = Callable[..., ReadyEnvironment]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An environment with nothing in it."""
    made = tmp_path / "model-environment"
    venv.create(made, symlinks=True)
    return made


@pytest.fixture
def inside(root: Path) -> Any:
    """What is installed in it."""
    from ..conftest import Site

    (place,) = root.glob("lib/python*/site-packages")
    return Site(place)


@pytest.fixture
def ready(root: Path) -> Opened:
    """Return a function that opens an environment of some lines in an image."""

    def open_(
        *lines: str,
        manager: Manager = "auto",
        closed: bool = True,
        python: str = "",
        said: Path | None = None,
        seal: Wanted = "auto",
    ) -> ReadyEnvironment:
        here = Python.current()
        contents = EnvironmentContents(requirements=lines, closed=closed, python=python)
        request = request_environment(contents, here, here.installed())
        settings = Settings({"MODELENV_IMAGE": str(said or root), "PATH": "/usr/bin:/bin"}, None)
        sealing = SealRequest(seal=seal)
        installed = here.installed()
        with opened(request, installed, settings, manager, seal=sealing) as environment:
            return environment

    return open_


def variables(environment: ReadyEnvironment) -> Mapping[str, str]:
    found = environment.interpreter.environment
    assert found is not None
    return found


def test_it_is_taken_by_itself_and_not_sealed(root: Path, inside: Any, ready: Opened) -> None:
    inside.install("alpha")
    environment = ready("alpha==1.0")
    assert environment.place == "the image's environment, not sealed"
    assert environment.interpreter.executable == root / "bin" / "python"
    assert environment.interpreter.seal.reason == UNSEALED_IMAGE
    assert variables(environment)["PATH"].startswith(f"{root / 'bin'}:")


def test_a_seal_that_is_named_is_had(ready: Opened) -> None:
    assert ready(seal="watch").place == "the image's environment, watched, not sealed"


@pytest.mark.parametrize(
    ("installed", "lines", "said"),
    [
        ({"alpha": "1.0"}, ["alpha==1.0", "beta==2.0"], "it lacks beta==2.0"),
        ({"alpha": "1.1"}, ["alpha==1.0"], "it has alpha 1.1 instead of alpha==1.0"),
        ({"alpha": "1.0"}, [], "it has alpha 1.0, which is no pin"),
        ({"alpha": "1.0+cpu"}, ["alpha==1.0+edited"], "it has alpha 1.0+cpu instead"),
        ({"a-b": "1.0"}, ["A.B==2.0"], "it has a-b 1.0 instead"),
    ],
)
def test_another_environment_is_refused_and_what_differs_named(
    installed: dict[str, str], lines: list[str], said: str, inside: Any, ready: Opened
) -> None:
    for name, version in installed.items():
        inside.install(name, version=version)
    with pytest.raises(AnotherEnvironmentError, match=said.replace("+", r"\+")):
        ready(*lines)


@pytest.mark.parametrize(
    ("lines", "closed"),
    [
        (["alpha==1.0"], True),  # it requires the other one, on this platform
        (["alpha"], False),
        (["alpha>=1,<2", "beta==2.0.post20210125"], False),  # a builder numbered it anew
        (["alpha==1.0", "beta==2.0", "gamma==1.0; sys_platform == 'nowhere'"], True),
        (["alpha @ https://host/alpha-1.0-py3-none-any.whl", "beta==2.0"], True),
    ],
)
def test_what_the_lines_lead_to_may_be_there(
    lines: list[str], closed: bool, inside: Any, ready: Opened
) -> None:
    inside.install("alpha", requires=["beta>=1", "delta; extra == 'more'"])
    inside.install("beta", version="2.0")
    assert ready(*lines, closed=closed).label == "the image's environment"


def test_another_python_is_refused(ready: Opened) -> None:
    with pytest.raises(AnotherEnvironmentError, match=r"the model needs 3\.8\.1"):
        ready(python="3.8.1")


@pytest.mark.parametrize(("said", "why"), [("/nowhere/at/all", "no environment is there")])
def test_where_there_is_none_it_is_said(said: str, why: str, ready: Opened) -> None:
    with pytest.raises(WrongUseError, match=why):
        ready(said=Path(said))


def test_outside_of_an_image_there_is_none() -> None:
    here = Python.current()
    request = request_environment(EnvironmentContents(requirements=()), here, here.installed())
    for value in ("", "1"):
        settings = Settings({"MODELENV_IMAGE": value}, None)
        with (
            pytest.raises(WrongUseError, match="names none"),
            opened(request, here.installed(), settings, "image"),
        ):
            pass


def test_an_interpreter_that_is_not_made_of_ours_is_asked(root: Path, ready: Opened) -> None:
    configuration = root / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("home =", "home = /other/bin\nx ="))
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("/bin/false")
    with pytest.raises(WrongUseError, match="does not run"):
        ready()


def test_its_environment_cannot_be_overridden(model: Callable[..., Path], root: Path) -> None:
    folder = ModelFolder.at(model({}))
    options = RunOptions(
        override="alpha==2.0", settings=Settings({"MODELENV_IMAGE": str(root)}, None)
    )
    with pytest.raises(FixedEnvironmentError, match="pip_requirements_override"):
        wanted_of(folder, options)


def test_nobody_is_asked_what_an_open_list_leads_to(model: Callable[..., Path], root: Path) -> None:
    folder = model({"alpha==1.0.post1": ""}, ours=False)
    (folder / "MLmodel").write_text(
        "mlflow_version: 2.9.0\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
        "    model_path: model.pkl\n    python_version: 3.11.7\n"
    )
    options = RunOptions(settings=Settings({"MODELENV_IMAGE": str(root)}, None))
    contents = wanted_of(ModelFolder.at(folder), options).contents
    assert (contents.closed, contents.requirements) == (False, ("alpha==1.0.post1",))


@pytest.mark.skipif(sys.platform != "linux", reason="others have no /dev/shm")
def test_temporary_files_of_what_runs_go_into_memory_where_nothing_else_is_writable(
    ready: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "TMPDIR" not in variables(ready())
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere/at/all"])
    assert variables(ready())["TMPDIR"] == "/dev/shm"
