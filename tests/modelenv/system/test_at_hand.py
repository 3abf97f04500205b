"""What dpkg says is the same whether it was asked early, beside other work, or late."""

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


def test_what_is_known_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "dpkg-query"
    program.write_text(f"#!{sys.executable}\nopen({str(asked)!r}, 'a').write('x')\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    at_hand = SystemAtHand()
    at_hand.foresee(FILES)
    assert at_hand.owners(FILES) == dict.fromkeys(FILES)
    assert dict(at_hand.installed) == {}
    assert at_hand.owners(FILES[:2]) == dict.fromkeys(FILES[:2])
    assert asked.read_text() == "xx"
