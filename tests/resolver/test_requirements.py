"""What the user says: strings, lists and requirements files, each line with its address."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from resolver import Origin, ResolverError, read
from resolver.errors import RequirementsError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write files from a dict of texts, and stand in their folder."""
    monkeypatch.chdir(tmp_path)

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def said(lines):
    return [(str(line.requirement), line.origin.place) for line in lines]


def faults(entries):
    with pytest.raises(RequirementsError) as caught:
        read(entries, layer="pip_requirements")
    return caught.value


def test_a_list_gives_each_line_its_index():
    lines = read(["numpy<2", "pandas[excel] >= 2 # tables"], layer="extra_pip_requirements")
    assert said(lines.requirements) == [
        ("numpy<2", "extra_pip_requirements[0]"),
        ("pandas[excel]>=2", "extra_pip_requirements[1]"),
    ]
    assert str(lines.requirements[1].origin) == "extra_pip_requirements[1]: pandas[excel] >= 2"


def test_none_says_nothing():
    assert read(None, layer="constraints") == read([], layer="constraints")


def test_a_path_is_a_file_and_its_lines_are_numbered_from_one(folder):
    folder({"r.txt": "# head\n\nnumpy<2   # why\nscipy\n"})
    for entries in ("r.txt", Path("r.txt")):
        lines = read(entries, layer="pip_requirements")
        assert said(lines.requirements) == [("numpy<2", "r.txt:3"), ("scipy", "r.txt:4")]
        assert str(lines.requirements[0].origin) == "r.txt:3: numpy<2"


def test_a_continued_line_has_the_number_of_its_first_and_a_comment_ends_it(folder):
    folder({"r.txt": "numpy \\\n  <2\nscipy \\\n# no\n>1\\"})
    with pytest.raises(RequirementsError) as caught:
        read("r.txt", layer="pip_requirements")
    assert [fault.where for fault in caught.value.faults] == ["r.txt:5: >1"]
    folder({"r.txt": "numpy \\\n  <2\nscipy\\\n"})
    assert said(read("r.txt", layer="x").requirements) == [
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
def test_nested_files_are_relative_to_the_file_that_names_them(folder, line):
    folder({"a.txt": f"one\n{line}\n", "sub/b.txt": "two\n-r c.txt", "sub/c.txt": "three"})
    expected = [("one", "a.txt:1"), ("two", "sub/b.txt:1"), ("three", "sub/c.txt:1")]
    found = said(read("a.txt", layer="pip_requirements").requirements)
    assert [(name, place.replace(os.sep, "/")) for name, place in found] == expected


@pytest.mark.parametrize(
    "line", ["-c c.txt", "-cc.txt", "--constraint c.txt", "--constraint=c.txt"]
)
def test_constraints_are_kept_apart(folder, line):
    folder({"c.txt": "numpy<2"})
    lines = read(["scipy", line], layer="extra_pip_requirements")
    assert said(lines.requirements) == [("scipy", "extra_pip_requirements[0]")]
    assert said(lines.constraints) == [("numpy<2", "c.txt:1")]


def test_what_a_constraints_file_names_are_constraints_too(folder):
    folder({"c.txt": "-r d.txt", "d.txt": "numpy<2"})
    lines = read("c.txt", layer="constraints", constraint=True)
    assert (lines.requirements, said(lines.constraints)) == ((), [("numpy<2", "d.txt:1")])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_not_part_of_a_name(folder, encoding):
    folder({"r.txt": "numpy\nscipy".encode(encoding)})
    assert [name for name, _ in said(read("r.txt", layer="x").requirements)] == ["numpy", "scipy"]


def test_markers_and_urls_are_kept():
    url = "a @ https://host/a-1-py3-none-any.whl ; python_version > '3'"
    (line,) = read([url], layer="x").requirements
    assert line.requirement.url == "https://host/a-1-py3-none-any.whl"
    assert str(line.requirement.marker) == 'python_version > "3"'


def test_all_faults_of_one_input_come_in_one_error_with_their_places(folder):
    folder({"r.txt": "numpy=<2\nscipy\n-e .\n-r gone.txt\n"})
    error = faults("r.txt")
    assert isinstance(error, ResolverError)
    assert [fault.where for fault in error.faults] == [
        "r.txt:1: numpy=<2",
        "r.txt:3: -e .",
        "r.txt:4: -r gone.txt",
    ]
    # The place in the line, as packaging points at it.
    assert "\n      numpy=<2\n           ^" in str(error)
    assert "gone.txt: No such file or directory" in str(error)


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("-e .", "-e"),
        ("--editable=.", "--editable"),
        ("--index-url https://host", "--index-url"),
        ("--pre", "--pre"),
        ("numpy==1 --hash=sha256:00", "--hash"),
    ],
)
def test_an_option_that_cannot_be_honoured_is_named(line, option):
    (fault,) = faults(["scipy", line]).faults
    assert fault.where == f"pip_requirements[1]: {line}"
    assert fault.reason == f"the option {option} is not supported yet in requirements"


@pytest.mark.parametrize(
    "line",
    ["./a.whl", "../a", "https://host/a.whl", "git+https://host/r.git", "a-1-py3-none-any.whl"],
)
def test_a_path_or_url_without_a_name_is_told_how_to_have_one(line):
    (fault,) = faults([line]).faults
    assert "name @ https://" in fault.reason


@pytest.mark.parametrize(
    ("line", "what"), [("a[x]<2", "extras"), ("a @ https://host/a.whl", "URL")]
)
def test_a_constraint_with_extras_or_a_url_is_a_fault(line, what):
    with pytest.raises(RequirementsError, match=what):
        read([line], layer="constraints", constraint=True)


def test_files_that_include_each_other_are_named(folder):
    folder({"a.txt": "-r b.txt", "b.txt": "-r a.txt"})
    (fault,) = faults("a.txt").faults
    assert fault.where == "b.txt:1: -r a.txt"
    assert "a.txt -> b.txt -> a.txt" in fault.reason


def test_one_file_named_twice_is_no_circle(folder):
    folder({"a.txt": "-r b.txt\n-r b.txt", "b.txt": "numpy"})
    assert len(read("a.txt", layer="x").requirements) == 2


def test_a_missing_file_says_that_a_string_is_a_path(folder):
    folder({})
    assert "numpy<2: No such file or directory; give requirements as a list" in str(
        faults("numpy<2")
    )


def test_a_file_that_is_no_text_is_a_fault(folder):
    folder({"r.txt": b"\xff\xfenumpy\xd8\xd8"[2:] + b"\xe9"})
    assert "not utf-8 text" in str(faults("r.txt"))


def test_what_is_no_string_is_a_fault_with_its_index():
    (fault,) = faults(["numpy", 2]).faults
    assert (fault.where, fault.reason) == (
        "pip_requirements[1]: 2",
        "a requirement is a string, this is int",
    )


@pytest.mark.parametrize("line", ["-r", '-r "a', "-r a b", "-r https://host/r.txt"])
def test_a_nested_file_must_be_one_name(line):
    (fault,) = faults([line]).faults
    assert fault.where == f"pip_requirements[0]: {line}"


def test_the_callers_list_is_not_changed():
    entries = ["numpy<2", "# comment"]
    read(entries, layer="x")
    assert entries == ["numpy<2", "# comment"]


def test_an_origin_without_an_index_is_its_layer():
    assert str(Origin("traced", text="numpy==2")) == "traced: numpy==2"
    assert str(Origin("constraints", file="c.txt")) == "c.txt"
