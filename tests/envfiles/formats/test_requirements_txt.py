from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from envfiles import Entry, EnvSpec, InvalidFile, Location
from envfiles.formats.requirements_txt import write_constraints, write_requirements
from envfiles.requirements.content import FileReference
from envfiles.requirements.lines import iter_lines
from envfiles.requirements.reader import parse_requirements

from ... import pip_parser

if TYPE_CHECKING:
    from pathlib import Path

SPEC = EnvSpec(
    python="3.11.7",
    requirements=(
        Entry("scikit-learn==1.5.2", "imported by the model"),
        Entry("numpy==2.4.6", "via scikit-learn, pandas"),
        Entry("joblib==1.4.2"),
        Entry("own[x] @ git+https://host/own@1f2e ; python_version >= '3.9'", "via the user"),
    ),
)


def test_one_pin_a_line_sorted_each_with_its_reason() -> None:
    assert write_requirements(SPEC) == (
        "# The environment of a model, pinned; written by modelenv.\n"
        "# pip install -r requirements.txt\n"
        "joblib==1.4.2\n"
        "numpy==2.4.6  # via scikit-learn, pandas\n"
        'own[x] @ git+https://host/own@1f2e ; python_version >= "3.9"  # via the user\n'
        "scikit-learn==1.5.2  # imported by the model\n"
    )


def test_constraints_are_named_only_where_there_are_any() -> None:
    spec = EnvSpec(python="3.11.7", requirements=(Entry("numpy==2.4.6"),), constraints=("numpy<3",))
    assert "\n-c constraints.txt\nnumpy==2.4.6\n" in write_requirements(spec)
    assert write_constraints(spec) == "# Constraints on requirements.txt.\nnumpy<3\n"
    assert "-c" not in write_requirements(SPEC).split()


def test_what_only_conda_can_express_is_named_in_a_comment() -> None:
    spec = EnvSpec(
        python="3.11.7", requirements=(), conda_dependencies=("pip<=26.3", "libgomp", "numpy=1.26")
    )
    assert write_requirements(spec).splitlines()[2:] == [
        "# Only conda.yaml holds: libgomp, numpy=1.26"
    ]


def test_a_locked_file_of_mlflow_is_read() -> None:
    text = (
        "# Original requirements\n# mlflow==3.17.2\n#\n# Locked requirements\n"
        "cffi==2.1.1 ; platform_python_implementation != 'PyPy'\n"
        "numpy==2.4.6 ; python_full_version < '3.12'\n"
        "numpy==2.5.5 ; python_full_version >= '3.12'\n"
        "    # via\n    #   mlflow\n"
        "pandas==3.1.1"
    )
    assert [entry.requirement for entry in parse_requirements(text).entries()] == [
        'cffi==2.1.1; platform_python_implementation != "PyPy"',
        'numpy==2.4.6; python_full_version < "3.12"',
        'numpy==2.5.5; python_full_version >= "3.12"',
        "pandas==3.1.1",
    ]


@pytest.mark.parametrize(
    "option", ["-c x.txt", "--constraint x.txt", "--constraint=x.txt", "-cx.txt"]
)
def test_a_constraints_line_is_read_in_all_its_spellings(option: str) -> None:
    _, reference = parse_requirements(f"a\n{option}  # why\n").items
    assert reference == FileReference("x.txt", Location(None, 2), is_constraint=True)


CONTINUED = "numpy\\\n==2.4.6\npandas==3 \\\n# comment\nb==1 # c\\\nd==1\n\\\ne\n  \nscipy==1 \\"


def test_continued_lines_are_joined() -> None:
    assert [entry.requirement for entry in parse_requirements(CONTINUED).entries()] == [
        "numpy==2.4.6",
        "pandas==3",
        "b==1",  # the comment takes the next line with it
        "e",
        "scipy==1",
    ]


def test_a_continued_line_has_the_number_of_its_first() -> None:
    places = [
        (each.entry.name, each.location.line)
        for each in parse_requirements(CONTINUED).located_entries()
    ]
    assert places == [("numpy", 1), ("pandas", 3), ("b", 5), ("e", 7), ("scipy", 10)]


def test_pip_joins_lines_alike() -> None:
    ours = [(line.number, line.text) for line in iter_lines(CONTINUED)]
    assert ours == pip_parser.logical_lines(CONTINUED)


def test_a_byte_order_mark_is_let_be() -> None:
    assert parse_requirements("\ufeffnumpy").entries() == (Entry("numpy"),)


def test_all_bad_lines_are_named_at_once() -> None:
    text = "n==2\nbad==\n-x ./here\n--isolated\n-r\n\na==1 --hash=md5:00\n"
    with pytest.raises(InvalidFile) as caught:
        parse_requirements(text, file="model/requirements.txt")
    message = str(caught.value).splitlines()
    assert [line.partition(": ")[0].rpartition(":")[2] for line in message] == [
        "2",
        "3",
        "4",
        "5",
        "7",
    ]
    assert all(line.startswith("model/requirements.txt:") for line in message)
    assert "the option -x " in message[1]


def test_of_very_many_bad_lines_the_first_are_told_and_the_rest_counted() -> None:
    with pytest.raises(InvalidFile) as caught:
        parse_requirements("bad==\n" * 5000)
    assert len(caught.value.faults) == 5000
    message = str(caught.value).splitlines()
    assert len(message) < 100
    assert message[-1] == f"and {5001 - len(message):,} more like these"


def test_a_line_without_a_file_is_named_by_its_number() -> None:
    with pytest.raises(InvalidFile, match=r"^line 2: 'bad=='"):
        parse_requirements("a\nbad==")


def test_a_file_that_is_named_is_told_and_not_read() -> None:
    (reference,) = parse_requirements("a\n-r base.txt", file="r.txt").requirement_files
    assert (reference.path, str(reference.location)) == ("base.txt", "r.txt:2")


def test_a_line_said_twice_counts_once_and_a_contradiction_names_both() -> None:
    text = "scikit-learn==1.9.1\nScikit_Learn==1.9.1\n"
    assert len(parse_requirements(text).entries()) == 1
    with pytest.raises(InvalidFile) as caught:
        parse_requirements(text + "scikit_learn==1.8.0", file="r.txt").entries()
    assert str(caught.value) == (
        "r.txt:3: 'scikit-learn==1.8.0': "
        "r.txt:1 says 'scikit-learn==1.9.1' already: keep one of them"
    )


def test_bad_constraints_are_named_by_their_lines() -> None:
    with pytest.raises(InvalidFile) as caught:
        parse_requirements(
            "a<2\nb[x]<2\nc=\n", file="constraints.txt", is_constraint=True
        ).spelled_constraints()
    assert [fault.location.line for fault in caught.value.faults] == [2, 3]


def test_pip_reads_the_same_set(tmp_path: Path) -> None:
    odd = Entry("odd==1", "ends with a backslash \\\nand # a second line -r evil.txt")
    spec = EnvSpec(
        python="3.11.7",
        requirements=(
            *SPEC.requirements,
            odd,
            Entry("url @ https://host/url-1-py3-none-any.whl#sha256=00"),
        ),
        constraints=("numpy<3",),
    )
    file = tmp_path / "requirements.txt"
    file.write_text(write_requirements(spec), encoding="utf-8")
    (tmp_path / "constraints.txt").write_text(write_constraints(spec), encoding="utf-8")
    read = pip_parser.read(file)
    assert read is not None
    asked = {(each.name, each.url, each.specifier, each.marker) for each in read.asked}
    lines = (*spec.requirements, Entry("numpy<3"))
    meant = (Requirement(each.requirement) for each in lines)
    assert asked == {(e.name, e.url, e.specifier, str(e.marker or "")) for e in meant}
    assert [str(each.specifier) for each in read.asked if each.is_constraint] == ["<3"]
