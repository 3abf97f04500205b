"""A disk that takes nothing is no fault of the pins that an installer was to install."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modelenv.environments.builders.installing import run
from modelenv.environments.errors import BuildFailedError, NoRoomError

SAID = {
    "uv": "cause: failed to write to file `/full/env/a.py`: No space left on device (os error)",
    "pip": "ERROR: Could not install: [Errno 28] No space left on device: '/full/env/a.py'",
    "conda": "CondaError: OSError: [Errno 30] Read-only file system: '/full/pkgs/urls.txt'",
    "a quota": 'error: [Errno 122] Disk quota exceeded: "/full/env/a.so"',
}


def say(text: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({text!r}); sys.exit(1)"]


@pytest.mark.parametrize("who", SAID)
def test_it_is_told_with_its_place_and_ways_out(who: str) -> None:
    with pytest.raises(NoRoomError) as caught:
        run(say(f"building\n{SAID[who]}\nbye"), {}, who, str)
    assert caught.value.exit_code == 2
    assert str(caught.value.place).startswith("/full/")
    assert "MODELENV_CACHE_DIR" in str(caught.value)
    assert "modelenv fix" not in str(caught.value)


def test_where_none_is_named_the_fullest_place_is(tmp_path: Path) -> None:
    with pytest.raises(NoRoomError) as caught:
        run([*say("No space left on device"), str(tmp_path / "env")], {}, "pip", str)
    assert caught.value.place.is_absolute()


@pytest.mark.parametrize("text", ["no such version", "", "left on device", "Permission denied"])
def test_another_failure_is_what_it_was(text: str) -> None:
    with pytest.raises(BuildFailedError, match="modelenv fix looks for"):
        run(say(text), {}, "pip", str)
