from __future__ import annotations

from pathlib import Path

import pytest

from envfiles import (
    Disagreement,
    Entry,
    EnvSpec,
    InvalidFile,
    Lock,
    Locked,
    LockedFile,
    check_agreement,
    dangling,
    read_folder,
    write_files,
)

SPEC = EnvSpec(
    python="3.11.7",
    requirements=(Entry("numpy==2.4.6", "via pandas"), Entry("pandas==3.1.1")),
    constraints=("numpy<3",),
    build_dependencies=("pip==23.2.1",),
    name="churn",
    channels=("conda-forge", "pytorch"),
    conda_dependencies=("libgomp",),
)
PINS = "numpy==2.4.6\npandas==3.1.1"
CONDA = """\
name: mlflow-env
channels: [conda-forge]
dependencies:
- python=3.11.7
- pip<=26.3
- pip:
"""
PYTHON_ENV = "python: 3.11.7\nbuild_dependencies: [pip==26.3]\ndependencies:\n- -r requirements.txt"


def folder_of(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).write_bytes(text.encode())
    return path


def test_a_folder_that_was_written_says_what_it_was_written_from(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, write_files(SPEC))
    assert sorted(path.name for path in folder.iterdir()) == [
        "conda.yaml",
        "constraints.txt",
        "python_env.yaml",
        "requirements.txt",
    ]
    assert read_folder(folder) == SPEC
    check_agreement(folder)


def test_requirements_txt_leads_and_the_others_give_the_rest(tmp_path: Path) -> None:
    conda = CONDA.replace("3.11.7", "3.10.1") + "  - numpy==1\n"
    files = {"requirements.txt": PINS, "conda.yaml": conda, "python_env.yaml": PYTHON_ENV}
    assert read_folder(folder_of(tmp_path, files)) == EnvSpec(
        python="3.11.7",
        requirements=(Entry("numpy==2.4.6"), Entry("pandas==3.1.1")),
        build_dependencies=("pip==26.3",),
        name="mlflow-env",
        conda_dependencies=("pip<=26.3",),
    )


def test_conda_yaml_alone_is_an_environment(tmp_path: Path) -> None:
    spec = read_folder(folder_of(tmp_path, {"conda.yaml": CONDA + "  - numpy==1\n"}))
    assert (spec.python, spec.requirements) == ("3.11.7", (Entry("numpy==1"),))
    assert spec.build_dependencies == ("pip", "setuptools", "wheel")


def test_pins_may_stand_in_python_env_yaml(tmp_path: Path) -> None:
    spec = read_folder(
        folder_of(tmp_path, {"python_env.yaml": "python: 3.9\ndependencies: [a==1]"})
    )
    assert (spec.python, spec.requirements) == ("3.9", (Entry("a==1"),))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no file here states requirements"),
        ({"python_env.yaml": "python: 3.11.7"}, "no file here states requirements"),
        (
            {"python_env.yaml": PYTHON_ENV},
            "python_env.yaml:4: dependencies[0]: the requirements file 'requirements.txt' is not",
        ),
        (
            {"conda.yaml": "dependencies:\n- python=3.11.7\n- pip:\n  - -r gone.txt"},
            "conda.yaml:4: dependencies[1].pip[0]: the requirements file 'gone.txt' is not there",
        ),
        ({"requirements.txt": "a"}, "no file here states the Python version"),
        (
            {"requirements.txt": "-c gone.txt", "python_env.yaml": PYTHON_ENV},
            "requirements.txt:1: the ",
        ),
        (
            {"requirements.txt": "a\nb==", "python_env.yaml": PYTHON_ENV},
            "requirements.txt:2: 'b=='",
        ),
    ],
)
def test_a_folder_that_is_no_environment_is_refused(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        read_folder(folder_of(tmp_path, files))
    assert message in str(caught.value)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"numpy\xff\xfe")
    with pytest.raises(InvalidFile, match=r"requirements\.txt: not UTF-8 \(byte 5\)"):
        read_folder(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").mkdir()
    with pytest.raises(InvalidFile, match=r"conda\.yaml: "):
        read_folder(tmp_path)


def test_a_byte_order_mark_is_let_be(tmp_path: Path) -> None:
    files = {"requirements.txt": "\ufeffa==1", "python_env.yaml": "\ufeffpython: 3.9"}
    assert read_folder(folder_of(tmp_path, files)).requirements == (Entry("a==1"),)


def test_a_disagreement_names_the_lines_of_both_files(tmp_path: Path) -> None:
    conda = CONDA.replace("3.11.7", "3.10.1") + "  - NumPy==1.26\n  - scipy==1\n"
    files = {"requirements.txt": PINS, "conda.yaml": conda, "python_env.yaml": PYTHON_ENV}
    with pytest.raises(Disagreement) as caught:
        check_agreement(folder_of(tmp_path, files))
    assert str(caught.value).splitlines() == [
        "conda.yaml:4: dependencies[0]: python is 3.10.1 here, 3.11.7 in python_env.yaml:1: python",
        "requirements.txt:1: numpy==2.4.6 here, "
        "numpy==1.26 in conda.yaml:7: dependencies[2].pip[0]",
        "requirements.txt:2: pandas==3.1.1 is missing in conda.yaml",
        "conda.yaml:8: dependencies[2].pip[1]: scipy==1 is missing in requirements.txt",
    ]


def test_importing_the_package_imports_next_to_nothing() -> None:
    import subprocess
    import sys

    code = "import sys, envfiles; envfiles.EnvSpec; print({'yaml', 'ctypes'} & {*sys.modules})"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("asked", "agree"),
    [
        ("python>=3.10,<3.12", True),
        ("python>=3.12", False),
        ("conda-forge::python=3.11.7", True),
        ("python=3.11.7|3.12.*", True),
        ("python=3.9|3.10.*", False),
    ],
)
def test_a_range_in_conda_yaml_agrees_with_the_python_that_is_in_it(
    tmp_path: Path, asked: str, agree: bool
) -> None:
    files = {
        "requirements.txt": "numpy==2.4.6",
        "python_env.yaml": PYTHON_ENV,
        "conda.yaml": f"dependencies:\n- {asked}\n- pip: [numpy==2.4.6]\n",
    }
    folder = folder_of(tmp_path, files)
    if agree:
        check_agreement(folder)
    else:
        with pytest.raises(Disagreement, match=r"conda\.yaml:2.*3\.11\.7 in python_env\.yaml"):
            check_agreement(folder)
    assert read_folder(folder).python == "3.11.7"


def test_a_folder_may_state_its_requirements_in_a_file_that_conda_yaml_names(
    tmp_path: Path,
) -> None:
    conda = "dependencies:\n- python=3.11.7\n- pip:\n  - -r more.txt"
    folder = folder_of(tmp_path, {"conda.yaml": conda, "more.txt": PINS})
    assert [entry.name for entry in read_folder(folder).requirements] == ["numpy", "pandas"]


def test_each_line_that_leads_to_no_file_is_told(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "numpy\n-r more.txt",
        "more.txt": "pandas\n-c deep/gone.txt",
        "python_env.yaml": PYTHON_ENV,
        "conda.yaml": "dependencies:\n- python=3.11.7\n- pip:\n  - -r other.txt",
    }
    faults = dangling(folder_of(tmp_path, files))
    assert [fault.location.line for fault in faults] == [2, 4]
    assert [Path(str(fault.location.file)).name for fault in faults] == ["more.txt", "conda.yaml"]
    assert dangling(tmp_path / "nowhere") == ()


def test_files_that_name_other_hashes_disagree(tmp_path: Path) -> None:
    right, wrong, longer = "sha256:" + "1" * 64, "sha256:" + "2" * 64, "sha512:" + "1" * 128
    file = LockedFile(file="a-1-py3-none-any.whl", hashes=(right,), url="https://h/a-1.whl", size=1)
    lock = Lock(packages=(Locked(name="a", version="1", artifacts=(file,)),), python="3.11.7")
    for hashes, agree in {
        (right,): True,
        (wrong,): False,
        (right, wrong): True,
        (longer,): True,
    }.items():
        spec = EnvSpec(python="3.11.7", requirements=(Entry("a==1", hashes=hashes),), lock=lock)
        for name, text in write_files(spec).items():
            (tmp_path / name).write_text(text)
        if agree:
            check_agreement(tmp_path)
        else:
            with pytest.raises(Disagreement, match=r"a has files of other hashes in pylock\.toml"):
                check_agreement(tmp_path)
    text = (tmp_path / "conda.yaml").read_text()
    (tmp_path / "requirements.txt").write_text(f"a==1 --hash={right}\n")
    (tmp_path / "conda.yaml").write_text(text.replace(longer, wrong))
    with pytest.raises(
        Disagreement, match=r"requirements\.txt:1: a has other hashes in conda\.yaml"
    ):
        check_agreement(tmp_path)
