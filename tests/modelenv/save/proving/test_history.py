"""Stored outcomes of proofs: bounded, and ignored where damaged."""

from __future__ import annotations

import json
import os
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.cli import main
from modelenv.save.proving.history import Outcome, ProofHistory, key_of

if TYPE_CHECKING:
    from pathlib import Path

OUTCOME = Outcome(
    requirements=("dial==1.0",), variables=("TZ",), modules=(("own", "/own.py"),), tried=2
)


@pytest.fixture
def history(tmp_path: Path) -> ProofHistory:
    return ProofHistory(tmp_path / "proofs", most=3)


def test_what_is_put_is_there(history: ProofHistory) -> None:
    assert history.get("a") is None
    history.put("a", OUTCOME)
    assert history.get("a") == OUTCOME
    history.put("a", Outcome(why_not="it starts programs"))
    assert history.get("a") == Outcome(why_not="it starts programs")
    assert len(history.entries()) == 1


def test_the_oldest_are_removed(history: ProofHistory) -> None:
    for age, key in enumerate("abcd"):
        history.put(key, OUTCOME)
        os.utime(history.folder / f"{key}.json", (age, age))
    history.put("a", OUTCOME)  # which is gone
    assert [file.stem for file in history.entries()] == ["a", "d", "c"]
    history.put("c", OUTCOME)  # which is confirmed
    assert [file.stem for file in history.entries()][-1] == "d"
    assert history.remove(unused_days=1) == 1
    assert history.remove() == 2
    assert history.entries() == []


def _whole() -> dict[str, Any]:
    return {
        "layout": 1,
        "requirements": ["dial==1.0"],
        "variables": [],
        "modules": [["own", "/own.py"]],
        "tried": 1,
        "why_not": "",
    }


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"7",
        b"[" * 200 + b"]" * 200,
        *(
            json.dumps({**_whole(), **each}).encode()
            for each in (
                {"layout": 2},
                {"requirements": "dial==1.0"},
                {"requirements": [1]},
                {"requirements": ["=="]},
                {"requirements": ["dial==1.0", "-r more.txt"]},
                {"requirements": ["dial @"]},
                {"variables": None},
                {"modules": [["own"]]},
                {"modules": {"own": "/own.py"}},
                {"modules": [["/etc/own", "/own.py"]]},
                {"modules": [["..", "/own.py"]]},
                {"modules": [["", "/own.py"]]},
                {"tried": True},
                {"tried": "1"},
                {"why_not": None},
            )
        ),
        json.dumps({**_whole(), "more": "x" * 300_000}).encode(),
    ],
    ids=map(str, count()),
)
def test_a_broken_file_is_none_and_is_replaced(history: ProofHistory, broken: bytes) -> None:
    history.folder.mkdir()
    (history.folder / "a.json").write_bytes(broken)
    assert history.get("a") is None
    history.put("a", OUTCOME)
    assert history.get("a") == OUTCOME


def test_a_whole_one_is_read(history: ProofHistory) -> None:
    history.folder.mkdir()
    (history.folder / "a.json").write_text(json.dumps(_whole()))
    assert history.get("a") is not None


def test_what_stands_in_its_place_is_left(history: ProofHistory, tmp_path: Path) -> None:
    history.folder.mkdir()
    (history.folder / "a.json").mkdir()
    elsewhere = tmp_path / "mine.json"
    elsewhere.write_text(json.dumps(_whole()))
    (history.folder / "b.json").symlink_to(elsewhere)
    assert history.get("a") is None
    assert history.get("b") is None
    history.put("a", OUTCOME)
    history.put("b", OUTCOME)
    assert history.get("a") is None
    assert history.get("b") == OUTCOME
    assert elsewhere.read_text() == json.dumps(_whole())
    assert all(file.suffix == ".json" for file in history.entries())


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    history = ProofHistory(file / "proofs")
    history.put("a", OUTCOME)
    assert history.get("a") is None
    assert history.entries() == []
    assert history.remove() == 0


def test_many_write_at_once(tmp_path: Path) -> None:
    def write(number: int) -> None:
        history = ProofHistory(tmp_path / "proofs", most=4)
        for each in range(20):
            history.put(str(each % 6), Outcome(requirements=(f"dial=={number}.{each}",)))
            found = history.get(str(each % 6))
            assert found is None or found.requirements[0].startswith("dial==")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert all(file.suffix == ".json" for file in (tmp_path / "proofs").iterdir())


def test_a_key_is_another_one_for_whatever_differs() -> None:
    parts = {"modules": ["a", "b"], "python": ["3.12"]}
    others = [
        {"modules": ["a"], "python": ["3.12"]},
        {"modules": ["b", "a"], "python": ["3.12"]},
        {"modules": ["a", "b"], "python": ["3.13"]},
        {"modules": ["a", "b", "3.12"], "python": []},
    ]
    keys = {key_of(each) for each in [parts, *others]}
    assert len(keys) == 5
    assert key_of(dict(reversed(parts.items()))) == key_of(parts)


def test_the_command_lists_and_clears_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path))
    history = ProofHistory(tmp_path / "proofs")
    history.put("a", OUTCOME)
    history.put("b", OUTCOME)
    main(["cache", "list"])
    assert capsys.readouterr().err == "0 environments, 0.0 MB; 2 outcomes of proofs\n"
    main(["cache", "prune", "--days", "1"])
    assert len(history.entries()) == 2
    main(["cache", "clear", "--json"])
    told = capsys.readouterr().out
    assert json.loads(told) == {"schema": 1, "environments": [], "proofs": 2}
    assert history.entries() == []
    main(["cache", "list"])
    assert capsys.readouterr().err == "0 environments, 0.0 MB\n"
