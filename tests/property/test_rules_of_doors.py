"""The rules of merging hold for every form of a list: each says what the same lines say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import resolver
from envfiles import Selection
from resolver.errors import ContradictoryLinesError

from .doors import DOORS, Door, straight, through
from .requirement_lines import FALSE, NAMES, TRUE, Said, said, texts

TARGET = resolver.Target.current()
ZEROS = "0" * 64
lines = st.lists(said(), max_size=5)
limits = st.lists(said(urls=False).filter(lambda line: not line.extras), max_size=4)


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
        one, other = through(door(texts(given_))), straight(texts(given_))
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
        one = through(door(texts(narrow)), "constraints")
        other = straight(texts(narrow), "constraints")
        assert merged(pip_requirements=asked, constraints=one) == merged(
            pip_requirements=asked, constraints=other
        )
        one, other = through(door(texts(narrow)), "overrides"), straight(texts(narrow))
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
        one = through((*write(listed), Selection()))
        other = straight(hashed)
        assert counting(one) == counting(other)
        assert merged_roots(one) == merged_roots(other)
        if write is uv_lock:  # whose parted versions have markers of their own where it narrows
            return
        limits = through((*write(listed), Selection()), "constraints")
        asked = straight([f"{name}>=1" for name in NAMES])
        assert narrowed(asked, limits) == narrowed(asked, straight(plain, "constraints"))


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


def narrowed(asked: resolver.Lines, limits: resolver.Lines) -> object:
    """Return which names are asked for, and what narrows them here; or what contradicts."""
    outcome = merged(pip_requirements=asked, constraints=limits)
    if not isinstance(outcome, tuple):
        return outcome
    (roots, limited, _) = outcome
    return [name for name, *_ in roots], sorted(limited)
