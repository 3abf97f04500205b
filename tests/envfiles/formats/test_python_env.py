from __future__ import annotations

import pytest

from envfiles import EnvSpec, InvalidFile
from envfiles.formats.python_env import read_python_env, write_python_env

SPEC = EnvSpec(
    python="3.11.7",
    requirements=(),
    build_dependencies=("pip==23.2.1", "setuptools==65.5.0", "wheel==0.42.0"),
)

MLFLOW_PYTHON_ENV = """\
python: 3.11.7
build_dependencies:
- pip==26.3
- setuptools
- wheel
dependencies:
- -r requirements.txt"""


def test_python_env_yaml_has_the_form_of_the_documentation() -> None:
    assert write_python_env(SPEC) == (
        "python: 3.11.7\nbuild_dependencies:\n- pip==23.2.1\n- setuptools==65.5.0\n"
        "- wheel==0.42.0\ndependencies:\n- -r requirements.txt\n"
    )


def test_mlflows_python_env_yaml_is_read() -> None:
    found = read_python_env(MLFLOW_PYTHON_ENV)
    assert found.python == "3.11.7"
    assert found.build_dependencies == ("pip==26.3", "setuptools", "wheel")
    assert [each.path for each in found.dependencies.requirement_files] == ["requirements.txt"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("python: '>=3.9'", "p.yaml:1: python: '>=3.9' is no version of Python"),
        ("python:", "p.yaml:1: python: expected text, found nothing"),
        ("build_dependencies:\n- pip\n- wheel=", "p.yaml:3: build_dependencies[1]: 'wheel=': "),
        ("dependencies:\n- -x .", "p.yaml:2: dependencies[0]: '-x .': the option -x"),
    ],
)
def test_a_bad_python_env_yaml_is_refused_with_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        read_python_env(text, file="p.yaml")
    assert str(caught.value).startswith(message)


def test_a_version_that_yaml_takes_for_a_number_is_read_as_it_is_written() -> None:
    assert read_python_env("python: 3.10").python == "3.10"
    assert write_python_env(EnvSpec(python="3.10", requirements=())).startswith("python: '3.10'\n")


def test_a_file_that_is_silent_is_read_as_silent() -> None:
    found = read_python_env("{}")
    assert (found.python, found.build_dependencies) == (None, None)
