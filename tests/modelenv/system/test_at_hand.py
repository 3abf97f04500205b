"""Answers of dpkg are the same early, in the background, or late."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modelenv.system.at_hand import SystemAtHand
from modelenv.system.dpkg import installed_packages
from tracer import system_packages

FILES = ["/bin/sh", "/usr/bin/env", "/nowhere/libabsent.so"]


@pytest.mark.parametrize("early", [[], FILES, FILES[:1], ["/etc/passwd"]])
def test_answers_do_not_depend_on_when_it_was_asked(early: list[str]) -> None:
    at_hand = SystemAtHand()
    at_hand.foresee(early)
    assert at_hand.owners(FILES) == system_packages(FILES)
    assert at_hand.installed == installed_packages()


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Have dpkg-query do this."""
    program = folder / "dpkg-query"
    program.write_text(f"#!{sys.executable}\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_what_is_known_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    stand_in(tmp_path, monkeypatch, f"open({str(asked)!r}, 'a').write('x')")
    at_hand = SystemAtHand()
    at_hand.foresee(FILES)
    assert at_hand.owners(FILES) == dict.fromkeys(FILES)
    assert dict(at_hand.installed) == {}
    assert at_hand.owners(FILES[:2]) == dict.fromkeys(FILES[:2])
    assert asked.read_text() == "xx"


@pytest.mark.parametrize("body", ["import time; time.sleep(600)", "raise SystemExit(2)", "0 / 0"])
def test_a_dpkg_that_does_not_answer_knows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    stand_in(tmp_path, monkeypatch, body)
    timeout = 0.1 if "sleep" in body else 60.0
    assert system_packages(FILES, timeout=timeout) == dict.fromkeys(FILES)
    assert dict(installed_packages(timeout=timeout)) == {}


def test_a_dpkg_that_cannot_be_started_is_told_to_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "")
    (tmp_path / "dpkg-query").write_text("#!/nowhere/python\n")
    at_hand = SystemAtHand()
    at_hand.foresee(FILES)
    with pytest.raises(OSError, match="dpkg-query"):
        at_hand.owners(FILES)
