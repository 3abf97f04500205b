"""The names of images: what a registry takes, and nothing that only a builder would refuse."""

from __future__ import annotations

import pytest

from modelenv.base.addresses.image_name import check_image_name
from modelenv.base.arguments import BadArgumentError


@pytest.mark.parametrize(
    "name",
    [
        *("wine", "wine:1", "0", "a.b_c__d---e", "team/wine:v1.0-RC_2", "a" * 255),
        *("localhost:5000/wine", "Registry.Example.COM/team/wine:1", "[::1]:5000/wine:_x"),
        f"wine:{'a' * 128}",
    ],
)
def test_what_a_registry_takes_is_a_name(name: str) -> None:
    check_image_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "aB",
            "aB:1",
            "a:b:c",
            "a:",
            ":a",
            "a//b",
            "/a",
            "a/",
            "a/:1",
            "wine 1",
            "wine\n",
        ),
        *(
            "-wine",
            "wine-",
            "a..b",
            "a___b",
            "a.-b",
            "a/b:1/c",
            "host:port/a",
            "wine:-1",
            "wine:.1",
        ),
        *("wïne", "wine:ü", "a@sha256:" + "0" * 64, "0" * 64, "a" * 256, f"wine:{'a' * 129}"),
        *("http://host/wine", "a\\b", "$(id)", "--wine"),
    ],
)
def test_what_none_takes_is_refused(name: str) -> None:
    with pytest.raises(BadArgumentError, match="wine:1"):
        check_image_name(name)


def test_what_is_no_text_is_refused_too() -> None:
    with pytest.raises(BadArgumentError):
        check_image_name(None)
