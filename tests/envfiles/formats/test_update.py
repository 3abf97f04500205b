from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from envfiles import Entry, EnvSpec, check_agreement, read_folder, update_files, write_files
from envfiles.formats.conda_yaml import read_conda
from envfiles.formats.python_env import read_python_env
from envfiles.formats.update_requirements import update_requirements
from envfiles.formats.update_yaml import update_conda, update_python_env
from envfiles.requirements.reader import parse_requirements

HASH = "sha256:" + "0f" * 32
CONDA = """\
# what the team agreed on
name: mlflow-env
channels:  # ours
- conda-forge
- pytorch
dependencies:
- python=3.11.7   # do not touch
- pip<=26.3
- libgomp
- pip:
  - mlflow==3.17.2
  - NumPy == 2.4.6    # pinned by hand
  # the rest
  - pandas==3.1.1
prefix: /somewhere
x-team: {owner: "ml"}
"""
REQUIREMENTS = """\
# mine
-i https://host/simple

mlflow==3.17.2
NumPy == 2.4.6  # pinned by hand
pandas==3.1.1 \\
    ; python_version >= "3"
    # via mlflow
# the end
"""
SPEC = EnvSpec(
    python="3.11.7",
    name="mlflow-env",
    channels=("conda-forge", "pytorch"),
    conda_dependencies=("pip<=26.3", "libgomp"),
    requirements=(
        Entry("mlflow==3.17.2"),
        Entry("numpy==2.4.6"),
        Entry("pandas==3.1.1"),
    ),
)


def with_entries(*lines: str) -> EnvSpec:
    return replace(SPEC, requirements=tuple(map(Entry, lines)))


class TestConda:
    def test_what_says_it_already_keeps_every_byte(self) -> None:
        assert update_conda(CONDA, SPEC) == CONDA

    def test_only_the_lines_that_are_concerned_change(self) -> None:
        updated = update_conda(CONDA, with_entries("numpy==2.4.6", "pandas==3.2.0", "own==1"))
        assert updated == CONDA.replace("  - mlflow==3.17.2\n", "").replace(
            "  # the rest\n  - pandas==3.1.1\n", "  # the rest\n  - own==1\n  - pandas==3.2.0\n"
        )

    def test_windows_line_ends_stay(self) -> None:
        text = CONDA.replace("\n", "\r\n")
        updated = update_conda(text, with_entries("numpy==2.4.6", "zoo==1"))
        assert "\n" not in updated.replace("\r\n", "")
        assert "  - zoo==1\r\n" in updated

    def test_a_file_without_a_last_line_end_is_added_to(self) -> None:
        text = "dependencies:\n- python=3.11.7\n- pip\n- pip:\n  - a==1"
        spec = EnvSpec(python="3.11.7", requirements=(Entry("a==1"), Entry("b==1")), channels=())
        updated = update_conda(text + "\nname: modelenv-env", spec)
        assert updated.endswith("  - a==1\n  - b==1\nname: modelenv-env")

    def test_a_quoted_item_stays_quoted(self) -> None:
        text = CONDA.replace("mlflow==3.17.2", "'mlflow==3.17.2'")
        spec = with_entries("mlflow==3.18", "numpy==2.4.6", "pandas==3.1.1")
        assert "  - 'mlflow==3.18'\n" in update_conda(text, spec)

    def test_a_layout_that_cannot_be_edited_keeps_its_unknown_keys(self) -> None:
        text = "{name: mlflow-env, x-team: {owner: ml}, dependencies: [python=3.9]}"
        updated = update_conda(text, SPEC)
        assert yaml.safe_load(updated)["x-team"] == {"owner": "ml"}
        assert read_conda(updated).pip.entries() == SPEC.requirements

    def test_a_new_python_and_name(self) -> None:
        updated = update_conda(CONDA, replace(SPEC, python="3.12.1", name="new"))
        assert updated == CONDA.replace("3.11.7", "3.12.1").replace("mlflow-env", "new")

    def test_hashes_and_options_stand_in_the_pip_section(self) -> None:
        spec = replace(
            SPEC,
            requirements=tuple(replace(each, hashes=(HASH,)) for each in SPEC.requirements),
            options=("--index-url https://host/simple",),
            constraints=("numpy<3",),
        )
        pip = yaml.safe_load(update_conda(CONDA, spec))["dependencies"][3]["pip"]
        assert sorted(pip)[:2] == ["--index-url https://host/simple", "-c constraints.txt"]
        assert f"pandas==3.1.1 --hash={HASH}" in pip


class TestPythonEnv:
    TEXT = (
        "# c\npython: '3.11.7'  # p\nbuild_dependencies:\n- pip==1\n- wheel  # w\n"
        "dependencies:\n- -r requirements.txt\nx: 1\n"
    )

    def test_only_what_is_concerned_changes(self) -> None:
        spec = EnvSpec(python="3.11.8", requirements=(), build_dependencies=("pip==2", "wheel"))
        updated = update_python_env(self.TEXT, spec)
        assert updated == self.TEXT.replace("3.11.7", "3.11.8").replace("pip==1", "pip==2")

    def test_a_number_stays_a_version(self) -> None:
        spec = EnvSpec(python="3.10", requirements=(), build_dependencies=())
        text = "python: 3.9.1\nbuild_dependencies: []\ndependencies:\n- -r requirements.txt\n"
        updated = update_python_env(text, spec)
        assert yaml.safe_load(updated)["python"] == "3.10"
        assert read_python_env(updated).python == "3.10"


class TestRequirements:
    def spec(self, *lines: str, **changes: object) -> EnvSpec:
        values = {"options": ("--index-url https://host/simple",), **changes}
        return replace(with_entries(*lines), **values)  # type: ignore[arg-type]

    def test_what_says_it_already_keeps_every_byte(self) -> None:
        lines = ("mlflow==3.17.2", "numpy==2.4.6", 'pandas==3.1.1; python_version >= "3"')
        assert update_requirements(REQUIREMENTS, self.spec(*lines)) == REQUIREMENTS

    def test_only_the_lines_that_are_concerned_change(self) -> None:
        lines = ("numpy==2.4.7", "own==1", 'pandas==3.1.1; python_version >= "3"')
        assert update_requirements(REQUIREMENTS, self.spec(*lines)) == REQUIREMENTS.replace(
            "mlflow==3.17.2\n", ""
        ).replace("NumPy == 2.4.6  # pinned by hand\n", "numpy==2.4.7\nown==1\n")

    def test_hashes_come_and_go(self) -> None:
        hashed = replace(SPEC, requirements=(Entry("a==1", "why", (HASH,)),))
        updated = update_requirements("# c\na==1  # why\n", hashed)
        assert updated == f"# c\na==1 \\\n    --hash={HASH}\n    # why\n"
        plain = replace(SPEC, requirements=(Entry("a==1", "why"),))
        assert update_requirements(updated, plain) == "# c\na==1  # why\n"

    def test_new_options_stand_above_the_pins(self) -> None:
        spec = self.spec("mlflow==3.17.2", options=("--pre",), constraints=("a<1",))
        updated = update_requirements("# mine\nmlflow==3.17.2\n", spec)
        assert updated == "# mine\n--pre\n-c constraints.txt\nmlflow==3.17.2\n"

    def test_files_that_were_named_are_put_in(self) -> None:
        updated = update_requirements("-r base.txt\nb==1\n", self.spec("a==1", "b==1", options=()))
        assert updated == "a==1\nb==1\n"

    def test_no_line_end_at_the_end_stays_none(self) -> None:
        updated = update_requirements("a==1\r\nb==1", self.spec("a==1", "b==1", "c==1", options=()))
        assert updated == "a==1\r\nb==1\r\nc==1"

    def test_a_file_that_cannot_be_read_is_written_anew(self) -> None:
        updated = update_requirements("a b c ===\n", SPEC)
        assert parse_requirements(updated).entries() == SPEC.requirements


def test_all_files_of_a_folder_say_the_new_environment(tmp_path: Path) -> None:
    python_env = (
        "python: 3.11.7\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n"
    )
    (tmp_path / "MLmodel").write_text("flavors:\n  python_function:\n    env: env.yaml\n")
    (tmp_path / "env.yaml").write_text(CONDA)
    (tmp_path / "python_env.yaml").write_text(python_env)
    (tmp_path / "requirements.txt").write_text("mlflow==3.17.2\nNumPy==2.4.6\npandas==3.1.1")
    before = read_folder(tmp_path)
    entries = (*before.requirements, Entry("zoo==1"))
    after = replace(before, requirements=entries, constraints=("zoo<2",))
    files = update_files(tmp_path, after)
    assert files["pylock.toml"] is None
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).write_text(text)
    assert read_folder(tmp_path) == after
    check_agreement(tmp_path)
    assert "# pinned by hand" in (tmp_path / "env.yaml").read_text()


@pytest.mark.parametrize("name", ["../env.yaml", "/etc/passwd", "a/b", ""])
def test_a_file_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    from envfiles import InvalidFile

    (tmp_path / "MLmodel").write_text(f"flavors: {{python_function: {{env: '{name}'}}}}")
    with pytest.raises(InvalidFile, match="is not the name of a file in this folder"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (("-i https://a", "-i https://b"), ["# mine", "-i https://a", "--index-url https://b"]),
        (
            ("-i https://b", "-i https://a"),
            ["# mine", "--index-url https://b", "-i https://a"],
        ),
        (("-i https://b",), ["# mine", "--index-url https://b"]),
        (("--pre", "-i https://a"), ["# mine", "--pre", "-i https://a"]),
    ],
)
def test_option_lines_stand_in_their_order_as_the_last_index_counts(
    options: tuple[str, ...], lines: list[str]
) -> None:
    text = "# mine\n-i https://a\nA == 1\n"
    spec = EnvSpec(python="3.11.7", requirements=(Entry("a==1"),), options=options)
    assert update_requirements(text, spec).splitlines() == [*lines, "A == 1"]


def test_an_index_that_is_named_twice_counts_where_it_is_named_last() -> None:
    lines = parse_requirements("-i https://a\n-i https://b\n-i https://a\n")
    assert lines.spelled_options() == ("--index-url https://b", "--index-url https://a")


@pytest.mark.parametrize("name", ["name: mlflow-env\n", ""], ids=["named", "without a name"])
@pytest.mark.parametrize("python", ["python>=3.10,<3.12", "conda-forge::python=3.11.7=h955_0"])
def test_a_conda_file_keeps_what_it_says_of_python(name: str, python: str) -> None:
    text = f"{name}dependencies:\n- {python}  # ours\n- pip\n- pip:\n  - pandas==3\n"
    wanted = replace(SPEC, channels=(), conda_dependencies=(), requirements=(Entry("pandas==4"),))
    assert update_conda(text, wanted) == text.replace("==3\n", "==4\n")


@pytest.mark.parametrize("old", ["  - scipy==1\n", "  - scipy==1\n  - six==1\n"])
@pytest.mark.parametrize("new", [["numpy==2"], ["numpy==2", "pandas==3"]])
def test_what_stands_around_a_list_stays_where_all_of_it_changes(old: str, new: list[str]) -> None:
    head = "name: mlflow-env\ndependencies:\n- python>=3.10,<3.12  # ours\n- pip\n- pip:\n"
    entries = tuple(map(Entry, new))
    wanted = replace(SPEC, channels=(), conda_dependencies=(), requirements=entries)
    assert update_conda(head + old, wanted) == head + "".join(f"  - {each}\n" for each in new)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("python_env.yaml", "python: 3.11.7\ndependencies: [-r requirements.txt]\n"),
        ("python_env.yaml", "mine: 1\n"),
        ("conda.yaml", "name: mine\n"),
    ],
)
def test_a_file_that_lacks_a_key_gets_it(tmp_path: Path, file: str, text: str) -> None:
    spec = EnvSpec(python="3.11.7", requirements=(Entry("a==2"),))
    written = write_files(spec)
    for name in ("requirements.txt", "conda.yaml", "python_env.yaml"):
        (tmp_path / name).write_text(text if name == file else written[name])
    for name, updated in update_files(tmp_path, spec).items():
        if updated is not None:
            (tmp_path / name).write_text(updated)
    check_agreement(tmp_path)
    assert read_folder(tmp_path).requirements == spec.requirements
