"""The user's lines: strings, lists and requirements files, each line with its address."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from envfiles import InvalidFile
from modelenv.pins.lines import read_lines
from resolver import Line, Lines

NOTHING: Mapping[str, str] = {}
Write = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write files from a dict of texts, and stand in their folder."""
    monkeypatch.chdir(tmp_path)

    def write(files: Mapping[str, str | bytes]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def said(lines: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(str(line.requirement), line.origin.place) for line in lines]


def read(
    given: object,
    *,
    layer: str = "x",
    environment: Mapping[str, str] = NOTHING,
    constraint: bool = False,
) -> Lines:
    return read_lines(given, layer=layer, environment=environment, constraint=constraint)  # type: ignore[arg-type]


def faults(entries: object) -> InvalidFile:
    with pytest.raises(InvalidFile) as caught:
        read(entries, layer="pip_requirements")
    return caught.value


def test_a_list_gives_each_line_its_index() -> None:
    lines = read(["numpy<2", "pandas[excel] >= 2 # tables"], layer="extra_pip_requirements")
    assert said(lines.requirements) == [
        ("numpy<2", "extra_pip_requirements[0]"),
        ("pandas[excel]>=2", "extra_pip_requirements[1]"),
    ]
    assert str(lines.requirements[1].origin) == "extra_pip_requirements[1]: pandas[excel] >= 2"


def test_none_says_nothing() -> None:
    assert read(None, layer="constraints") == read([], layer="constraints")


def test_a_path_is_a_file_and_its_lines_are_numbered_from_one(folder: Write) -> None:
    folder({"r.txt": "# head\n\nnumpy<2   # why\nscipy\n"})
    for entries in ("r.txt", Path("r.txt")):
        lines = read(entries, layer="pip_requirements")
        assert said(lines.requirements) == [("numpy<2", "r.txt:3"), ("scipy", "r.txt:4")]
        assert str(lines.requirements[0].origin) == "r.txt:3: numpy<2"


def test_a_continued_line_has_the_number_of_its_first_and_a_comment_ends_it(folder: Write) -> None:
    folder({"r.txt": "numpy \\\n  <2\nscipy \\\n# no\n>1\\"})
    with pytest.raises(InvalidFile) as caught:
        read("r.txt", layer="pip_requirements")
    assert [str(fault.location) for fault in caught.value.faults] == ["r.txt:5"]
    folder({"r.txt": "numpy \\\n  <2\nscipy\\\n"})
    assert said(read("r.txt").requirements) == [
        ("numpy<2", "r.txt:1"),
        ("scipy", "r.txt:3"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "-r sub/b.txt",
        "-rsub/b.txt",
        "--requirement sub/b.txt",
        "--requirement=sub/b.txt",
        '-r "sub/b.txt"',
    ],
)
def test_nested_files_are_relative_to_the_file_that_names_them(folder: Write, line: str) -> None:
    folder({"a.txt": f"one\n{line}\n", "sub/b.txt": "two\n-r c.txt", "sub/c.txt": "three"})
    expected = [("one", "a.txt:1"), ("two", "sub/b.txt:1"), ("three", "sub/c.txt:1")]
    found = said(read("a.txt", layer="pip_requirements").requirements)
    assert [(name, place.replace(os.sep, "/")) for name, place in found] == expected


@pytest.mark.parametrize(
    "line", ["-c c.txt", "-cc.txt", "--constraint c.txt", "--constraint=c.txt"]
)
def test_constraints_are_kept_apart(folder: Write, line: str) -> None:
    folder({"c.txt": "numpy<2"})
    lines = read(["scipy", line], layer="extra_pip_requirements")
    assert said(lines.requirements) == [("scipy", "extra_pip_requirements[0]")]
    assert said(lines.constraints) == [("numpy<2", "c.txt:1")]


def test_what_a_constraints_file_names_are_constraints_too(folder: Write) -> None:
    folder({"c.txt": "-r d.txt", "d.txt": "numpy<2"})
    lines = read("c.txt", layer="constraints", constraint=True)
    assert (lines.requirements, said(lines.constraints)) == ((), [("numpy<2", "d.txt:1")])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_not_part_of_a_name(folder: Write, encoding: str) -> None:
    folder({"r.txt": "numpy\nscipy".encode(encoding)})
    assert [name for name, _ in said(read("r.txt").requirements)] == ["numpy", "scipy"]


def test_markers_and_urls_are_kept() -> None:
    url = "a @ https://host/a-1-py3-none-any.whl ; python_version > '3'"
    (line,) = read([url]).requirements
    assert line.requirement.url == "https://host/a-1-py3-none-any.whl"
    assert str(line.requirement.marker) == 'python_version > "3"'


def test_all_faults_of_one_input_come_in_one_error_with_their_places(folder: Write) -> None:
    folder({"r.txt": "numpy=<2\nscipy\n-e .\n-r gone.txt\n"})
    error = faults("r.txt")
    assert [str(fault.location) for fault in error.faults] == ["r.txt:1", "r.txt:3", "r.txt:4"]
    # The place in the line, as packaging points at it.
    assert "'numpy=<2': Expected" in str(error)
    assert "(at character 6)" in str(error)
    assert "'gone.txt' is not there" in str(error)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("--nonsense", "--nonsense is none that a requirements file may hold"),
        ("--index-url", "--index-url names no value"),
        ("-i 'https://host", "quotes do not close"),
        ("numpy==1 --isolated", "--isolated is none that a requirements file may hold"),
    ],
)
def test_an_option_that_pip_would_not_take_there_is_a_fault(line: str, what: str) -> None:
    (fault,) = faults([line]).faults
    assert what in fault.reason


def test_options_are_kept_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    file = tmp_path / "r.txt"
    file.write_text("-i https://host --pre\n--no-binary=:all:\n-f wheels\n-f https://host/x\n")
    options = read(file).options
    assert [(each.name, each.value) for each in options] == [
        ("--index-url", "https://host"),
        ("--pre", ""),
        ("--no-binary", ":all:"),
        ("--find-links", str(tmp_path / "wheels")),
        ("--find-links", "https://host/x"),
    ]


def test_hashes_belong_to_their_requirement(tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_text("numpy==2 \\\n  --hash=sha256:00 --hash sha256:11\n")
    (line,) = read(file).requirements
    assert (str(line.requirement), line.hashes) == ("numpy==2", ("sha256:00", "sha256:11"))


def test_variables_stand_in_files_for_what_the_environment_says_and_are_not_told(
    tmp_path: Path,
) -> None:
    file = tmp_path / "r.txt"
    file.write_text("a @ https://${TOKEN}@host/a.whl\nb @ https://${MISSING}@host/b.whl\n")
    first, second = read(file, environment={"TOKEN": "secret"}).requirements
    assert first.requirement.url == "https://secret@host/a.whl"
    assert "secret" not in str(first.origin)
    assert second.requirement.url == "https://${MISSING}@host/b.whl"


def test_a_file_says_its_encoding(tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_bytes("# -*- coding: latin-1 -*-\nnumpy  # \u00e4\n".encode("latin-1"))
    assert len(read(file).requirements) == 1
    file.write_bytes(b"# coding: klingon\nnumpy\n")  # which nobody knows: then it is UTF-8
    assert len(read(file).requirements) == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a-1.0-py3-none-any.whl", "a @ {here}/a-1.0-py3-none-any.whl"),
        ("./dist/A_b-1.0.tar.gz[x]", "a-b[x] @ {here}/dist/A_b-1.0.tar.gz"),
        ("./project[x,y]", "mine[x,y] @ {here}/project"),
        ("-e ./project", "mine @ {here}/project"),
        ("-e old", "older @ {here}/old"),
        ("https://host/a-1.0-py3-none-any.whl ; python_version>'3'", None),
        ("git+https://host/r.git@v1#egg=a", "a @ git+https://host/r.git@v1#egg=a"),
        ("-e git+https://host/r.git#egg=a[x]", "a[x] @ git+https://host/r.git#egg=a"),
    ],
)
def test_a_path_or_url_is_named_by_its_file_its_project_or_egg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, expected: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "project/pyproject.toml": "[build-system]\nname = 'no'\n[project]\nname = 'mine'\n",
        "old/setup.cfg": "[metadata]\nname = older\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (found,) = read([line]).requirements
    here = tmp_path.resolve().as_uri()
    wanted = expected or "a @ https://host/a-1.0-py3-none-any.whl ; python_version > '3'"
    asked = Requirement(wanted.format(here=here))
    assert (found.requirement.name, found.requirement.url, found.requirement.extras) == (
        asked.name,
        asked.url,
        asked.extras,
    )
    assert found.requirement.marker == asked.marker
    assert found.editable is line.startswith("-e")


@pytest.mark.parametrize(
    "line", ["./a.whl", "../a", "https://host/a.whl", "git+https://host/r.git"]
)
def test_a_path_or_url_without_a_name_is_told_how_to_have_one(line: str) -> None:
    (fault,) = faults([line]).faults
    assert "name @ https://" in fault.reason


@pytest.mark.parametrize(
    ("line", "what"), [("a[x]<2", "extras"), ("-e git+https://host/r.git#egg=a", "editable")]
)
def test_a_constraint_with_extras_or_an_editable_one_is_a_fault(line: str, what: str) -> None:
    with pytest.raises(InvalidFile, match=what):
        read([line], layer="constraints", constraint=True)


def test_files_that_include_each_other_are_named(folder: Write) -> None:
    folder({"a.txt": "-r b.txt", "b.txt": "-r a.txt"})
    (fault,) = faults("a.txt").faults
    assert str(fault.location) == "b.txt:1"
    assert "a.txt -> b.txt -> a.txt" in fault.reason


def test_one_file_named_twice_is_no_circle(folder: Write) -> None:
    folder({"a.txt": "-r b.txt\n-r b.txt", "b.txt": "numpy"})
    assert len(read("a.txt").requirements) == 2


def test_a_missing_file_says_that_a_string_is_a_path(folder: Write) -> None:
    folder({})
    said = str(faults("numpy<2"))
    assert said == "pip_requirements: numpy<2: there is no such file; give requirements as a list"


def test_a_file_that_is_no_text_is_a_fault(folder: Write) -> None:
    folder({"r.txt": b"\xff\xfenumpy\xd8\xd8"[2:] + b"\xe9"})
    assert "not UTF-8" in str(faults("r.txt"))


def test_what_is_no_string_is_a_fault_with_its_index() -> None:
    (fault,) = faults(["numpy", 2]).faults
    assert (str(fault.location), fault.reason) == (
        "pip_requirements[1]",
        "a requirement is a string, this is int",
    )


@pytest.mark.parametrize("line", ["-r", '-r "a', "-r a b", "-r https://host/r.txt"])
def test_a_nested_file_must_be_one_name(line: str) -> None:
    (fault,) = faults([line]).faults
    assert str(fault.location) == "pip_requirements[0]"


def test_the_callers_list_is_not_changed() -> None:
    entries = ["numpy<2", "# comment"]
    read(entries)
    assert entries == ["numpy<2", "# comment"]


def test_a_line_knows_how_it_is_written_with_the_names_of_its_variables() -> None:
    lines = [
        "a @ https://${TOKEN}@host/a-1.zip ; os_name != 'x'",
        "-e git+https://host/${TOKEN}/r.git#egg=b",
        "https://host/${TOKEN}/c-1.0.zip",
        "d>=1",
        "${WHOLE}",
    ]
    said = read(lines, environment={"TOKEN": "secret", "WHOLE": "e==1"})
    assert [str(line.written) for line in said.requirements] == [
        str(Requirement('a @ https://${TOKEN}@host/a-1.zip ; os_name != "x"')),
        str(Requirement("b @ git+https://host/${TOKEN}/r.git#egg=b")),
        str(Requirement("c @ https://host/${TOKEN}/c-1.0.zip")),
        "d>=1",
        "",
    ]
    assert said.requirements[0].requirement.url == "https://secret@host/a-1.zip"
