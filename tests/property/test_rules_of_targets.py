"""The rule of lines for other targets: the list keeps what another installs and this does not."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from modelenv.pins.change.idle_lines import idle_entries, idle_lines, idle_notes, unkept_lines
from resolver import Line, Lines, Target
from resolver.errors import ContradictoryLinesError

from .requirement_lines import NAMES, Said, merge, said

HERE = Target.of("3.11", "linux_x86_64")
OTHERS = [
    Target.of(python, platform)
    for python in ("3.8", "3.10", "3.11", "3.12", "3.14")
    for platform in ("linux_x86_64", "macosx_arm64", "win_amd64")
]
TRUE = ("", "sys_platform == 'linux'", "python_version >= '3.8'")
ELSEWHERE = (
    *("sys_platform == 'win32'", "platform_machine == 'arm64'", "platform_system != 'Linux'"),
    *("python_version >= '3.12'", "python_full_version < '3.11'"),
    "os_name == 'nt' and python_version < '3.13'",
)
NEVER = ("python_version < '3'", "sys_platform == 'none'", "os_name == 'nt' and os_name == 'posix'")


@dataclass(frozen=True)
class Meant:
    """A line, and where its marker is true."""

    line: Said
    text: str
    where: str


@st.composite
def meant(draw: st.DrawFn) -> Meant:
    """Write a line whose marker is true here, elsewhere alone, or nowhere."""
    line = draw(said(markers=False))
    where = draw(st.sampled_from(("here", "elsewhere", "never")))
    markers = {"here": TRUE, "elsewhere": ELSEWHERE, "never": NEVER}[where]
    marker = draw(st.sampled_from(markers))
    return Meant(line, f"{line.text} ; {marker}" if marker else line.text, where)


lines = st.lists(meant(), max_size=6)
standing = st.sets(st.sampled_from(NAMES), max_size=2)


def read(given_: list[Meant]) -> Lines:
    return Lines.of([each.text for each in given_], "list")


def texts(kept: tuple[Line, ...]) -> list[str]:
    return sorted(each.origin.text for each in kept)


@given(lines, standing)
def test_it_keeps_what_counts_elsewhere_alone_of_names_that_are_not_installed_here(given_, names):
    found = read(given_).requirements
    here = {each.line.name for each in given_ if each.where == "here"} | names
    apart = [each for each in given_ if each.where == "elsewhere" and each.line.name not in here]
    assert texts(idle_lines(found, HERE, names)) == sorted(e.text for e in apart if not e.line.url)
    assert texts(unkept_lines(found, HERE, names)) == sorted(e.text for e in apart if e.line.url)


@given(lines)
def test_what_is_kept_is_no_root_here_and_one_on_some_other_target(given_):
    kept = idle_lines(read(given_).requirements, HERE)
    names = {canonicalize_name(each.requirement.name) for each in kept}
    every = [each.text for each in given_]
    try:
        roots = {each.name for each in merge([], pip_requirements=every, target=HERE).roots}
    except ContradictoryLinesError:
        return
    assert not names & roots
    for each in kept:
        alone = [str(each.requirement)]
        found = [merge([], pip_requirements=alone, target=other).roots for other in OTHERS]
        assert any(found)
        assert merge([], pip_requirements=alone, target=HERE).roots == ()


@given(lines, st.randoms(use_true_random=False))
def test_neither_their_order_nor_keeping_them_again_changes_anything(given_, random):
    kept = idle_lines(read(given_).requirements, HERE)
    other = idle_lines(read(random.sample(given_, len(given_))).requirements, HERE)
    assert texts(kept) == texts(other)
    entries = [each.requirement for each in idle_entries(kept)]
    again = idle_lines(Lines.of(entries, "list").requirements, HERE)
    assert [each.requirement for each in idle_entries(again)] == entries


@given(lines)
def test_what_is_left_out_is_told_once_and_what_is_kept_in_one_note(given_):
    read_ = read(given_).requirements
    false = [each for each in read_ if not HERE.admits(each.requirement.marker)]
    notes = [f"left out: {each.origin} (its marker is false for Python 3.11)" for each in false]
    kept = idle_lines(read_, HERE)
    told = [*idle_notes(kept, unkept_lines(read_, HERE), notes)]
    of_kept = [each for each in told if each.startswith("kept for other targets")]
    assert len(of_kept) == bool(kept)
    assert len(told) == len(false) - len(kept) + len(of_kept)
    for each in false:
        assert len(kept) > 5 or any(str(each.origin) in note for note in told)
