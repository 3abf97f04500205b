"""Inside an image, where only the pins are, models are not sealed, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.base.settings import Settings

from .serving import serving


@pytest.mark.parametrize(
    ("environment", "is_image"),
    [({}, False), ({"MODELENV_IMAGE": ""}, False), ({"MODELENV_IMAGE": "1"}, True)],
)
def test_an_image_says_that_it_is_one(environment: dict[str, str], is_image: bool) -> None:
    assert Settings(environment, None).is_image is is_image


@pytest.mark.parametrize(
    ("words", "seal"),
    [
        pytest.param((), "not sealed", marks=pytest.mark.slow),
        (("--seal", "auto"), "not sealed"),
        (("--seal", "watch"), "watched"),
    ],
)
def test_no_seal_is_the_default_there(
    obedient: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    seal: str,
) -> None:
    monkeypatch.setenv("MODELENV_IMAGE", "1")
    with serving(tmp_path / "server", "-m", str(obedient), *words) as server:
        assert server.predict("x") == (200, ["X"])
        said = [each["message"] for each in server.log("seal")]
        assert len(said) == (seal == "not sealed")
        assert all("MODELENV_IMAGE" in each for each in said)
        server.until("started")
    assert f", {seal}" in server.told
