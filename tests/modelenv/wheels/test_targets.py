"""The wheels that suit an image, and their order."""

from __future__ import annotations

import pytest

from modelenv.wheels.errors import NoWheelsError
from modelenv.wheels.targets import PlatformTarget
from resolver import Artifact


def suiting(python: str, platform: str, *tags: str) -> list[str]:
    files = tuple(Artifact(f"a-1.0-{tag}.whl", "https://host/a") for tag in tags)
    found = PlatformTarget.of(python, platform).fitting(files)
    return [file.file.removeprefix("a-1.0-").removesuffix(".whl") for file in found]


@pytest.mark.parametrize(
    ("platform", "tags", "expected"),
    [
        ("linux/amd64", ["py3-none-any"], ["py3-none-any"]),
        ("linux/amd64", ["cp311-cp311-win_amd64", "cp310-cp310-manylinux_2_17_x86_64"], []),
        ("linux/amd64", ["cp311-cp311-musllinux_1_2_x86_64"], []),
        ("linux/arm64", ["cp311-cp311-manylinux_2_17_x86_64"], []),
        ("linux/arm64", ["cp39-abi3-manylinux2014_aarch64"], ["cp39-abi3-manylinux2014_aarch64"]),
        (
            "linux/amd64",
            ["py3-none-any", "cp311-cp311-manylinux_2_17_x86_64"],
            ["cp311-cp311-manylinux_2_17_x86_64", "py3-none-any"],
        ),
        (
            "linux/amd64",  # what runs on older systems too comes first
            ["cp311-cp311-manylinux_2_34_x86_64", "cp311-cp311-manylinux_2_27_x86_64"],
            ["cp311-cp311-manylinux_2_27_x86_64", "cp311-cp311-manylinux_2_34_x86_64"],
        ),
        ("linux/amd64", ["cp311-cp311-manylinux_2_39_x86_64"], []),
    ],
)
def test_wheels_are_taken_that_run_on_the_base(
    platform: str, tags: list[str], expected: list[str]
) -> None:
    assert suiting("3.11", platform, *tags) == expected


def test_the_version_that_the_model_states_counts_where_it_is_of_that_minor() -> None:
    assert PlatformTarget.of("3.11", "linux/amd64", "3.11.9").target.python_version == "3.11.9"
    assert PlatformTarget.of("3.12", "linux/amd64", "3.11.9").target.python_version.startswith(
        "3.12"
    )


@pytest.mark.parametrize("platform", ["windows/amd64", "linux/mips", "amd64", "darwin/arm64"])
def test_other_platforms_are_refused(platform: str) -> None:
    with pytest.raises(NoWheelsError, match=rf"--platform {platform}.*linux/arm64"):
        PlatformTarget.of("3.11", platform)
