"""The rules of merging hold for every form of a list: each says what the same lines say."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import resolver
from envfiles import Selection
from modelenv.pins.lines import read_lines
from resolver.errors import ContradictoryLinesError

from .requirement_lines import FALSE, NAMES, TRUE, Said, said, texts

Door = Callable[[list[str]], tuple[str, str, Selection]]
"""Writes lines in a form, and returns the name of the file, its text, and what of it is meant."""

TARGET = resolver.Target.current()
ZEROS = "0" * 64
lines = st.lists(said(), max_size=5)
limits = st.lists(said(urls=False).filter(lambda line: not line.extras), max_size=4)


def toml(texts_: list[str]) -> str:
    return json.dumps(texts_)  # which is a list of TOML as well


def project(lines_: list[str]) -> tuple[str, str, Selection]:
    text = f"[project]\nname = 'door'\ndependencies = {toml(lines_)}\n"
    return "pyproject.toml", text, Selection()


def extra(lines_: list[str]) -> tuple[str, str, Selection]:
    text = "[project]\nname = 'door'\n[project.optional-dependencies]\n"
    return "pyproject.toml", f"{text}x = {toml(lines_)}\n", Selection(extras=("x",))


def group(lines_: list[str]) -> tuple[str, str, Selection]:
    inner = f"inner = {toml(lines_)}\nouter = [{{include-group = 'inner'}}]\n"
    return "pyproject.toml", f"[dependency-groups]\n{inner}", Selection(groups=("outer",))


def script(lines_: list[str]) -> tuple[str, str, Selection]:
    return "run.py", f"# /// script\n# dependencies = {toml(lines_)}\n# ///\n", Selection()


HAS_GROUPS = find_spec("packaging.dependency_groups") is not None
DOORS = [project, extra, script, *([group] if HAS_GROUPS else [])]


def through(door: Door, lines_: list[str], *, layer: str = "pip_requirements") -> resolver.Lines:
    """Read lines through a door."""
    name, text, chosen = door(lines_)
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(text, encoding="utf-8")
        return read_lines(
            Path(folder) / name,
            layer=layer,
            environment={},
            constraint=layer == "constraints",
            selection=chosen,
        )


def straight(lines_: list[str], *, layer: str = "pip_requirements") -> resolver.Lines:
    return read_lines(lines_, layer=layer, environment={}, constraint=layer == "constraints")


def said_by(found: resolver.Lines) -> list[tuple[str, ...]]:
    """Write lines as data: all that a merge looks at, but where they stand."""
    return [
        (str(each.requirement), *each.hashes, *each.settings)
        for each in (*found.requirements, *found.constraints)
    ]


def merged(**layers: Any) -> object:
    """Merge: the roots and what was dropped as data; None where the lines contradict each other."""
    try:
        found = resolver.merge((), target=TARGET, **layers)
    except ContradictoryLinesError as error:
        return error.name
    roots = [
        (root.name, root.requirement.url, root.requirement.specifier, root.requirement.extras)
        for root in found.roots
    ]
    narrowed = [str(each.requirement) for each in found.constraints]
    return roots, narrowed, sorted(str(each.requirement) for each in found.dropped)


class TestEveryRule:
    """Whatever is proved of lines is proved of every form: it says the very same lines."""

    @pytest.mark.parametrize("door", DOORS)
    @settings(max_examples=40)
    @given(given_=lines)
    def test_a_form_says_what_its_lines_say(self, door: Door, given_: list[Said]) -> None:
        one, other = through(door, texts(given_)), straight(texts(given_))
        canonical = [str(Requirement(text)) for (text, *_) in said_by(other)]
        assert [text for (text, *_) in said_by(one)] == canonical
        assert merged(pip_requirements=one) == merged(pip_requirements=other)
        assert merged(extra_pip_requirements=one) == merged(extra_pip_requirements=other)

    @pytest.mark.parametrize("door", DOORS)
    @settings(max_examples=40)
    @given(given_=lines, narrow=limits)
    def test_it_narrows_and_overrides_as_its_lines_do(
        self, door: Door, given_: list[Said], narrow: list[Said]
    ) -> None:
        asked = straight(texts(given_))
        one = through(door, texts(narrow), layer="constraints")
        other = straight(texts(narrow), layer="constraints")
        assert merged(pip_requirements=asked, constraints=one) == merged(
            pip_requirements=asked, constraints=other
        )
        one, other = through(door, texts(narrow), layer="overrides"), straight(texts(narrow))
        assert merged(pip_requirements=asked, overrides=one) == merged(
            pip_requirements=asked, overrides=other
        )


@st.composite
def pins(draw: st.DrawFn) -> list[tuple[str, str, str]]:
    """Draw names at versions under markers, as a lock has them: a pair of both once."""
    markers = ("", *TRUE, *FALSE[:2])
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(NAMES),
                st.sampled_from(("1", "1.0.1", "2+cpu", "1!1", "2rc1")),
                st.sampled_from(markers),
            ),
            unique_by=lambda each: (each[0], each[2]),
            min_size=1,
            max_size=5,
        )
    )
    return sorted(drawn)


def pylock(listed: list[tuple[str, str, str]]) -> tuple[str, str]:
    packages = ""
    for name, version, marker in listed:
        file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        said_ = f"marker = {json.dumps(marker)}\n" if marker else ""
        wheel = (
            f"{{ name = '{file}', url = 'https://host/{file}', hashes = {{ sha256 = '{ZEROS}' }} }}"
        )
        packages += (
            f"[[packages]]\nname = '{name}'\nversion = '{version}'\n{said_}wheels = [{wheel}]\n"
        )
    return "pylock.toml", f"lock-version = '1.0'\ncreated-by = 'door'\n{packages}"


def uv_lock(listed: list[tuple[str, str, str]]) -> tuple[str, str]:
    source = "source = { registry = 'https://host/simple' }"
    edges = ", ".join(
        f"{{ name = '{name}', version = '{version}'"
        + (f", marker = {json.dumps(marker)} }}" if marker else " }")
        for name, version, marker in listed
    )
    root = "[[package]]\nname = 'door'\nversion = '1'\nsource = { virtual = '.' }\n"
    root += f"dependencies = [{edges}]\n"
    wheels = f"wheels = [{{ url = 'https://host/a.whl', hash = 'sha256:{ZEROS}' }}]\n"
    others = "".join(
        f"[[package]]\nname = '{name}'\nversion = '{version}'\n{source}\n{wheels}"
        for name, version in dict.fromkeys((name, version) for name, version, _ in listed)
    )
    return "uv.lock", f"version = 1\n{root}{others}"


class TestLocks:
    """A lock says what the pins say that it holds, with their hashes."""

    @pytest.mark.parametrize("write", [pylock, uv_lock])
    @settings(max_examples=40)
    @given(listed=pins())
    def test_a_lock_says_what_its_pins_say(
        self, write: Callable[..., tuple[str, str]], listed: list[tuple[str, str, str]]
    ) -> None:
        if write is pylock:
            pytest.importorskip("packaging.pylock")
        plain = [f"{n}=={v} ; {m}" if m else f"{n}=={v}" for n, v, m in listed]
        hashed = [f"{line} --hash=sha256:{ZEROS}" for line in plain]
        one = through(lambda _: (*write(listed), Selection()), [])
        other = straight(hashed)
        assert counting(one) == counting(other)
        assert merged_roots(one) == merged_roots(other)


def counting(found: resolver.Lines) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return the pins that count here, with their hashes."""
    return {
        (canonicalize_name(each.requirement.name), str(each.requirement.specifier), each.hashes)
        for each in found.requirements
        if TARGET.admits(each.requirement.marker)
    }


def merged_roots(found: resolver.Lines) -> object:
    outcome = merged(pip_requirements=found)
    return outcome[:1] if isinstance(outcome, tuple) else outcome
