"""The marker that parts some targets from others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from resolver import Target, parting_marker
from resolver.errors import AlikeTargetsError
from resolver.joint.markers import comparisons

PLATFORMS = ("linux/x86_64", "linux/aarch64", "macos/arm64", "windows/amd64")
GRID = [Target.of(python, each) for python in ("3.9", "3.10", "3.13") for each in PLATFORMS]
LINUX, ARM, MAC, WINDOWS = (Target.of("3.12", each) for each in PLATFORMS)


def truth(marker, targets):
    return [not marker or Marker(marker).evaluate(dict(each.markers)) for each in targets]


@pytest.mark.parametrize(
    ("inside", "outside", "marker"),
    [
        ([LINUX], [], ""),
        ([LINUX], [MAC, WINDOWS], "sys_platform == 'linux'"),
        ([LINUX, MAC], [WINDOWS], "sys_platform != 'win32'"),
        ([ARM], [LINUX], "platform_machine == 'aarch64'"),
        ([LINUX], [ARM, MAC, WINDOWS], "platform_machine == 'x86_64'"),
        ([LINUX, WINDOWS], [ARM, MAC], "sys_platform == 'win32' or platform_machine == 'x86_64'"),
        (GRID[:4], GRID[4:], "python_version < '3.10'"),
        (GRID[4:8], GRID[:4] + GRID[8:], "python_version == '3.10'"),
        (
            [GRID[7], GRID[11]],
            GRID[:7] + GRID[8:11],
            "sys_platform == 'win32' and python_version >= '3.10'",
        ),
        (
            [Target.of("3.12.4", "win_amd64")],
            [Target.of("3.12.9", "win_amd64")],
            "python_full_version < '3.12.9'",
        ),
    ],
)
def test_the_smallest_marker_is_found(inside, outside, marker):
    assert parting_marker(inside, outside) == marker


@settings(deadline=None, max_examples=25)
@given(st.sets(st.sampled_from(range(len(GRID))), min_size=1))
def test_it_is_true_inside_and_false_outside_and_one_comparison_where_one_is_enough(places):
    inside = [GRID[place] for place in sorted(places)]
    outside = [each for place, each in enumerate(GRID) if place not in places]
    found = parting_marker(inside, outside)
    assert truth(found, GRID) == [place in places for place in range(len(GRID))]
    alone = any(
        truth(each, GRID) == [place in places for place in range(len(GRID))]
        for each in comparisons(GRID)
    )
    assert alone == (bool(found) and " and " not in found and " or " not in found)


def test_what_takes_many_comparisons_is_told_target_by_target():
    chequered = [each for place, each in enumerate(GRID) if (place + place // 4) % 2]
    outside = [each for each in GRID if each not in chequered]
    found = parting_marker(chequered, outside)
    assert truth(found, [*chequered, *outside]) == [True] * 6 + [False] * 6


def test_what_no_marker_tells_apart_is_refused():
    with pytest.raises(AlikeTargetsError, match=r"no marker tells them apart .*'linux'.*'x86_64'"):
        parting_marker([LINUX], [MAC, Target.of("3.12", "musllinux_1_2_x86_64")])
