"""What the user says: strings, lists and requirements files, each line with its address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

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
    ("line", "what"),
    [
        ("--nonsense", "--nonsense is none that may stand in a requirements file"),
        ("--index-url", "--index-url needs a value"),
        ("numpy==1 --pre", "--pre is none that may stand behind a requirement"),
        ("-i 'https://host", "quotes do not close"),
        ("--pre numpy", "'numpy' stands where only options may"),
    ],
)
def test_an_option_that_pip_would_not_take_there_is_a_fault(line, what):
    (fault,) = faults([line]).faults
    assert what in fault.reason


def test_options_are_kept_with_their_places(tmp_path):
    (tmp_path / "wheels").mkdir()
    file = tmp_path / "r.txt"
    file.write_text("-i https://host --pre\n--no-binary=:all:\n-f wheels\n-f https://host/x\n")
    options = read(file, layer="x").options
    assert [(each.name, each.value, each.origin.line) for each in options] == [
        ("--index-url", "https://host", 1),
        ("--pre", "", 1),
        ("--no-binary", ":all:", 2),
        ("--find-links", str(tmp_path / "wheels"), 3),
        ("--find-links", "https://host/x", 4),
    ]


def test_hashes_belong_to_their_requirement(tmp_path):
    file = tmp_path / "r.txt"
    file.write_text("numpy==2 \\\n  --hash=sha256:00 --hash sha256:11\n")
    (line,) = read(file, layer="x").requirements
    assert (str(line.requirement), line.hashes) == ("numpy==2", ("sha256:00", "sha256:11"))


def test_variables_stand_in_files_for_what_the_environment_says_and_are_not_told(tmp_path):
    file = tmp_path / "r.txt"
    file.write_text("a @ https://${TOKEN}@host/a.whl\nb @ https://${MISSING}@host/b.whl\n")
    first, second = read(file, layer="x", environment={"TOKEN": "secret"}).requirements
    assert first.requirement.url == "https://secret@host/a.whl"
    assert "secret" not in str(first.origin)
    assert second.requirement.url == "https://${MISSING}@host/b.whl"


def test_a_file_says_its_encoding(tmp_path):
    file = tmp_path / "r.txt"
    file.write_bytes("# -*- coding: latin-1 -*-\nnumpy  # \u00e4\n".encode("latin-1"))
    assert len(read(file, layer="x").requirements) == 1
    file.write_bytes(b"# coding: klingon\nnumpy\n")
    assert "unknown encoding: klingon" in str(faults(file))


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
    tmp_path, monkeypatch, line, expected
):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "project/pyproject.toml": "[build-system]\nname = 'no'\n[project]\nname = 'mine'\n",
        "old/setup.cfg": "[metadata]\nname = older\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (found,) = read([line], layer="x").requirements
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
def test_a_path_or_url_without_a_name_is_told_how_to_have_one(line):
    (fault,) = faults([line]).faults
    assert "name @ https://" in fault.reason


PIP_READS = """
import json, sys
from pip._internal.network.session import PipSession
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.index.package_finder import PackageFinder
found = []
for parsed in parse_requirements(sys.argv[1], session=PipSession()):
    made = install_req_from_parsed_requirement(parsed)
    requirement = made.req
    found.append([
        requirement.name if requirement else None,
        str(requirement.specifier) if requirement else "",
        sorted(made.extras),
        str(made.markers or ""),
        made.link.url if made.link else None,
        parsed.constraint,
        parsed.is_editable,
        sorted(h for hs in (parsed.options or {}).get("hashes", {}).values() for h in hs),
    ])
print(json.dumps(found))
"""

REQUIREMENTS = r"""
# a comment
numpy>=1.26,<3  # why
Pandas[excel] == 2.2.3 ; python_version >= '3.8' and sys_platform != 'never'
six \
  >=1.0 --hash=sha256:1111111111111111111111111111111111111111111111111111111111111111
-r nested/more.txt
-c nested/limits.txt
--pre
--extra-index-url https://host/simple
-e git+https://host/r.git@v1#egg=editable
https://host/direct-1.0-py3-none-any.whl
b @ https://host/b-1.0.tar.gz ; python_version > '3'
scikit_learn~=1.4.0
"""


def test_pip_reads_the_same_from_a_file(tmp_path):
    pytest.importorskip("pip")
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested/more.txt").write_text("idna===3.4\n-r deeper.txt\n")
    (tmp_path / "nested/deeper.txt").write_text("attrs!=20\n")
    (tmp_path / "nested/limits.txt").write_text("numpy<2.5\n")
    file = tmp_path / "r.txt"
    file.write_text(REQUIREMENTS)
    command = [sys.executable, "-I", "-c", PIP_READS, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = [_comparable(*each) for each in json.loads(done.stdout)]
    lines = read(file, layer="x")
    ours = [
        _comparable(
            line.requirement.name,
            str(line.requirement.specifier),
            sorted(line.requirement.extras),
            str(line.requirement.marker or ""),
            line.requirement.url,
            line in lines.constraints,
            line.editable,
            sorted(each.partition(":")[2] for each in line.hashes),
        )
        for line in (*lines.requirements, *lines.constraints)
    ]
    assert sorted(ours, key=str) == sorted(theirs, key=str)


def _comparable(name, specifier, extras, marker, url, constraint, editable, hashes):
    if url is not None:  # pip says the version of a wheel's name again
        specifier = ""
    return [name, SpecifierSet(specifier), extras, marker, url, constraint, editable, hashes]


@pytest.mark.parametrize(
    ("line", "what"), [("a[x]<2", "extras"), ("-e git+https://host/r.git#egg=a", "editable")]
)
def test_a_constraint_with_extras_or_an_editable_one_is_a_fault(line, what):
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
    said = str(faults("numpy<2"))
    assert (
        said == "pip_requirements: numpy<2: No such file or directory; give requirements as a list"
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


def test_a_line_knows_how_it_is_written_with_the_names_of_its_variables():
    lines = [
        "a @ https://${TOKEN}@host/a-1.zip ; os_name != 'x'",
        "-e git+https://host/${TOKEN}/r.git#egg=b",
        "https://host/${TOKEN}/c-1.0.zip",
        "d>=1",
        "${WHOLE}",
    ]
    said = read(lines, layer="x", environment={"TOKEN": "secret", "WHOLE": "e==1"})
    assert [str(line.written) for line in said.requirements] == [
        str(Requirement('a @ https://${TOKEN}@host/a-1.zip ; os_name != "x"')),
        str(Requirement("b @ git+https://host/${TOKEN}/r.git#egg=b")),
        str(Requirement("c @ https://host/${TOKEN}/c-1.0.zip")),
        "d>=1",
        "",
    ]
    assert said.requirements[0].requirement.url == "https://secret@host/a-1.zip"
