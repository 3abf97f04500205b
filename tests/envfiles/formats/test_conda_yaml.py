from __future__ import annotations

import pytest
import yaml

from envfiles import Entry, EnvSpec, InvalidFile
from envfiles.formats.conda_yaml import read_conda, write_conda

SPEC = EnvSpec(
    python="3.11.7", requirements=(Entry("scikit-learn==1.5.2", "imported by the model"),)
)

MLFLOW_CONDA = """\
channels:
- conda-forge
dependencies:
- python=3.11.7
- pip<=26.3
- pip:
  - mlflow==3.17.2
  - numpy==2.4.6
name: mlflow-env"""


def test_conda_yaml_has_the_form_of_the_documentation() -> None:
    assert write_conda(SPEC) == (
        "name: modelenv-env\nchannels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip\n"
        "- pip:\n  - scikit-learn==1.5.2\n"
    )


def test_conda_yaml_without_pins_has_no_pip_section() -> None:
    text = write_conda(EnvSpec(python="3.11.7", requirements=(), channels=()))
    assert yaml.safe_load(text) == {
        "name": "modelenv-env",
        "dependencies": ["python=3.11.7", "pip"],
    }


def test_a_pip_of_its_own_version_stands_for_the_bare_one() -> None:
    spec = EnvSpec(python="3.11.7", requirements=(), conda_dependencies=("pip<=26.3",))
    assert yaml.safe_load(write_conda(spec))["dependencies"] == ["python=3.11.7", "pip<=26.3"]


def test_mlflows_conda_yaml_is_read() -> None:
    found = read_conda(MLFLOW_CONDA)
    assert (found.name, found.python, found.channels) == ("mlflow-env", "3.11.7", ("conda-forge",))
    assert found.dependencies == ("pip<=26.3",)
    assert [entry.requirement for entry in found.pip.entries()] == [
        "mlflow==3.17.2",
        "numpy==2.4.6",
    ]


def test_a_file_that_is_silent_is_read_as_silent() -> None:
    found = read_conda("name:\nextra: 1\n")
    assert (found.name, found.channels, found.python, found.pip.entries()) == (None, (), None, ())


def test_comments_in_the_pip_section_are_let_be() -> None:
    found = read_conda("dependencies:\n- pip:\n  - '# Locked requirements'\n  - '#'\n  - a==1\n")
    assert [entry.requirement for entry in found.pip.entries()] == ["a==1"]


@pytest.mark.parametrize(
    "line",
    [
        "python=3.11.7",
        "python==3.11.7",
        "Python = 3.11.7",
        "conda-forge::python=3.11.7=h1_0_cpython",
    ],
)
def test_condas_spellings_of_one_python_are_read(line: str) -> None:
    found = read_conda(f"dependencies:\n- {line}\n- libgomp")
    assert (found.python, found.dependencies) == ("3.11.7", ("libgomp",))


def test_condas_prefix_and_bare_python_are_read() -> None:
    assert read_conda("dependencies: [python=3.10.*]").python == "3.10"
    assert read_conda("dependencies: [python]").python is None


@pytest.mark.parametrize(
    "line", ["python>=3.9", "python=3", "python >=3.8,<3.10", "python 3.9|3.10"]
)
def test_a_range_of_python_is_kept_as_it_is_written(line: str) -> None:
    found = read_conda(f"dependencies:\n- {line}")
    assert (found.python, found.python_spec) == (None, line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "c.yaml: the file is empty"),
        ("[a]", "c.yaml:1: expected keys and values, found a list"),
        ("\na: b: c", "c.yaml:2: not YAML: mapping values are not allowed"),
        ("name: a\nname: b", "c.yaml:2: name: the key is repeated, first in line 1"),
        ("name: [a]", "c.yaml:1: name: expected text, found a list"),
        ("name: ''", "c.yaml:1: name: '': is no name"),
        ("channels: conda-forge", "c.yaml:1: channels: expected a list, found 'conda-forge'"),
        ("channels:\n- {a: b}", "c.yaml:2: channels[0]: expected text, found keys and values"),
        ("dependencies:\n- a\n- [b]", "c.yaml:3: dependencies[1]: expected text, found a list"),
        ("dependencies:\n- a\n-\n", "c.yaml:3: dependencies[1]: expected text, found nothing"),
        ("dependencies:\n- npm: [a]", "c.yaml:2: dependencies[0].npm: only `pip` may have"),
        ("dependencies:\n- pip: a", "c.yaml:2: dependencies[0].pip: expected a list, found 'a'"),
        ("dependencies:\n- pip:\n  - a==", "c.yaml:3: dependencies[0].pip[0]: 'a==': "),
        ("dependencies:\n- pip:\n  - -x .", "c.yaml:3: dependencies[0].pip[0]: '-x .': the option"),
        (
            "dependencies:\n- python\n- python=3.9",
            "c.yaml:3: dependencies[1]: python is listed twice",
        ),
        ("dependencies: ['-x']", "c.yaml:1: dependencies[0]: '-x': is no conda dependency"),
        ("? [a]\n: b", "c.yaml:1: expected text, found a list"),
        ("a\0b", "c.yaml: not YAML: "),
        ("[" * 500, "c.yaml:1: nested deeper than any such file is"),
        ("a: \udc80", "c.yaml: not YAML: "),
    ],
)
def test_a_bad_conda_yaml_is_refused_with_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        read_conda(text, file="c.yaml")
    assert message in str(caught.value)


def test_aliases_are_followed() -> None:
    found = read_conda("channels: &a [x]\ndependencies:\n- pip: *a\n")
    assert [entry.requirement for entry in found.pip.entries()] == ["x"]
