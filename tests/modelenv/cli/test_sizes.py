"""A size in every form that people write it in, and none but these."""

from __future__ import annotations

import click
import pytest

from modelenv.base.arguments import BadArgumentError
from modelenv.cli.shared.values.sizes import size
from modelenv.run.isolated import RunOptions


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1G", 2**30),
        ("512M", 512 * 2**20),
        ("1GiB", 2**30),
        ("1Gi", 2**30),
        ("1.5 GB", 1_500_000_000),
        ("1 gb", 10**9),
        (".5g", 2**29),
        ("100 kB", 100_000),
        ("2T", 2**41),
        ("1048576", 2**20),
        ("1048576 bytes", 2**20),
        ("12B", 12),
        (" 7 ", 7),
    ],
)
def test_a_size_is_read(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "G",
        "x",
        "-1G",
        "1e3",
        "inf",
        "nan",
        "1,5 GB",
        "1iB",
        "1 PB",
        "1GG",
        "1G 2",
        "1 gbytes",
        "0x10",
    ],
)
def test_what_is_no_size_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no size: write one like 512M, 1G, 1.5 GB"):
        size(text)


@pytest.mark.parametrize("text", ["8388608T", f"{2**63}", f"{10**30} GB", "9" * 400])
def test_what_no_system_takes_is_refused_with_the_largest_that_is(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is too large: 8388607T is the largest"):
        size(text)
    assert size("8388607T") < 2**63


@pytest.mark.parametrize("count", [2**63, 10**400])
def test_python_is_told_the_same(count: object) -> None:
    with pytest.raises(BadArgumentError, match=rf"above 0, and {2**63 - 1} at most"):
        RunOptions(memory=count)  # type: ignore[arg-type]
    assert RunOptions(memory=2**63 - 1).memory == 2**63 - 1
