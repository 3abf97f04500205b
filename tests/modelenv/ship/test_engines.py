"""Builders: which is taken, what it is told, and what is told of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelenv.base.settings import Settings
from modelenv.ship.engines.choose import ENGINES, choose
from modelenv.ship.engines.engine import BuildRequest, Engine, RunRequest
from modelenv.ship.errors import ImageBuildError, NoEngineError

from .worlds import only_on_path, program

LOG = """
with open({log!r}, "a") as log:
    told = {{name: os.environ.get(name) for name in ("TOKEN", "SOURCE_DATE_EPOCH")}}
    log.write(json.dumps([sys.argv[1:], told]) + "\\n")
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    only_on_path(monkeypatch, tmp_path / "programs")
    return tmp_path / "programs"


def telling(path: Path, name: str, more: str = "") -> Path:
    """Put a builder on PATH that notes how it is called; return its notes."""
    log = path.parent / f"{name}.log"
    program(path, name, LOG.format(log=str(log)) + more)
    return log


def calls(log: Path) -> list[list[str]]:
    return [json.loads(line)[0] for line in log.read_text().splitlines()]


def engine(name: str) -> Engine:
    return ENGINES[name](Settings.from_environment())


def request(tmp_path: Path, **changes: object) -> BuildRequest:
    plain = {"context": tmp_path, "name": "wine:1", "platform": None, "epoch": 7}
    return BuildRequest(**{**plain, **changes})  # type: ignore[arg-type]


def test_of_several_the_first_that_works_is_taken(path: Path) -> None:
    program(path, "docker", "sys.exit('Cannot connect to the Docker daemon at unix:///x.')")
    telling(path, "podman")
    telling(path, "buildah")
    assert choose(Settings.from_environment()).name == "podman"
    assert choose(Settings.from_environment(), "buildah").name == "buildah"


def test_where_none_works_each_is_named_with_its_own_words(path: Path) -> None:
    program(path, "docker", "sys.exit('Cannot connect to the Docker daemon at unix:///x.')")
    program(path, "buildah", "sys.exit('first line\\nError: no store')")
    with pytest.raises(NoEngineError) as caught:
        choose(Settings.from_environment())
    lines = str(caught.value).splitlines()
    assert "  docker: Cannot connect to the Docker daemon at unix:///x." in lines
    assert "  podman: there is no such program on PATH" in lines
    assert "  buildah: Error: no store" in lines
    assert "generate-dockerfile" in lines[-1]


def test_one_that_was_named_stands_for_itself(path: Path) -> None:
    telling(path, "podman")
    with pytest.raises(NoEngineError, match="docker: there is no such program"):
        choose(Settings.from_environment(), "docker")


@pytest.mark.parametrize("name", ENGINES)
def test_a_build_is_told_all_that_was_asked(path: Path, tmp_path: Path, name: str) -> None:
    log = telling(path, name)
    asked = request(tmp_path, platform="linux/arm64", target="environments", options=["-v", "a:b"])
    engine(name).build(asked)
    (words,) = calls(log)
    assert words[0] == "build"
    assert words[-3:] == ["-v", "a:b", str(tmp_path)]
    for option, value in (
        ("--file", str(tmp_path / "Dockerfile")),
        ("--tag", "wine:1"),
        ("--platform", "linux/arm64"),
        ("--target", "environments"),
    ):
        assert words[words.index(option) + 1] == value
    if name == "docker":
        assert json.loads(log.read_text())[1]["SOURCE_DATE_EPOCH"] == "7"
        assert words[words.index("SOURCE_DATE_EPOCH") - 1] == "--build-arg"
    else:
        assert words[words.index("--timestamp") + 1] == "7"
        assert words[words.index("--format") + 1] == "docker"


@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_named_that_was_not_asked(path: Path, tmp_path: Path, name: str) -> None:
    log = telling(path, name)
    engine(name).build(request(tmp_path))
    assert not {"--platform", "--target"} & {*calls(log)[0]}


@pytest.mark.parametrize("name", ENGINES)
def test_a_secret_is_on_no_command_line_and_in_no_error(
    path: Path, tmp_path: Path, name: str
) -> None:
    log = telling(path, name, "print('got', os.environ['TOKEN']); sys.exit(3)")
    with pytest.raises(ImageBuildError) as caught:
        engine(name).build(request(tmp_path, arguments={"TOKEN": "s3cret-word"}))
    assert "s3cret" not in str(caught.value)
    assert "got $TOKEN" in str(caught.value)
    assert caught.value.status == 3
    (words,) = calls(log)
    assert words[words.index("TOKEN") - 1] == "--build-arg"
    assert json.loads(log.read_text())[1]["TOKEN"] == "s3cret-word"
    assert "s3cret" not in " ".join(words)


def test_a_variable_of_the_builder_s_own_keeps_its_value(path: Path, tmp_path: Path) -> None:
    log = telling(path, "buildah")
    engine("buildah").build(request(tmp_path, arguments={"PATH": "/x"}))
    assert "PATH=/x" in calls(log)[0]


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_a_container_writes_nowhere_reaches_nothing_and_goes(path: Path, name: str) -> None:
    log = telling(path, name)
    asked = RunRequest(image="wine:1", arguments=("verify",), mounts=("/data/a.csv",))
    engine(name).run(asked)
    (words,) = calls(log)
    assert words[:4] == ["run", "--rm", "--read-only", "--tmpfs"]
    assert words[words.index("--network") + 1] == "none"
    assert words[words.index("--volume") + 1] == "/data/a.csv:/data/a.csv:ro"
    assert words[-2:] == ["wine:1", "verify"]


def test_a_model_that_asks_hosts_has_a_network(path: Path) -> None:
    log = telling(path, "podman")
    engine("podman").run(RunRequest(image="wine:1", arguments=(), network=True))
    assert "--network" not in calls(log)[0]


def test_buildah_runs_the_image_s_own_command_and_removes_the_container(path: Path) -> None:
    config = {"OCIv1": {"config": {"Entrypoint": ["/opt/modelenv"]}}}
    answers = f"print({{'from': 'box', 'inspect': {json.dumps(config)!r}}}.get(sys.argv[1], ''))"
    log = telling(path, "buildah", f"{answers}\nsys.exit(5 * (sys.argv[1] == 'run'))")
    ended = engine("buildah").run(RunRequest(image="wine:1", arguments=("verify", "-m", "x")))
    assert ended.returncode == 5
    done = calls(log)
    assert ["run", "box", "--", "/opt/modelenv", "verify", "-m", "x"] in done
    assert done[-1] == ["rm", "box"]
