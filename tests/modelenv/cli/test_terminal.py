"""Texts of a folder, a model or an index cannot control the terminal."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import modelenv
from modelenv.base.text import visible
from modelenv.cli import main
from modelenv.cli.shared.progress import Progress
from modelenv.cli.shared.terminal import echo_json

HOSTILE = [
    "\x1b[2J\x1b[1;1H",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31m",
    "12345\b\b\b\b\brm",
    "all is well\rreally",
    "\u202egpj.exe",
    "\u2066a\u2069",
    "in\u200bvisible",
    "\ufeff",
    "\x7f",
    "\u2028",
    "\udc80",
    "\U000e0041",
]


def is_plain(text: str) -> bool:
    """Tell whether a text holds nothing that a terminal acts upon, but the ends of lines."""
    return all(
        each == "\n" or unicodedata.category(each) not in ("Cc", "Cs", "Zl", "Zp") for each in text
    ) and not any("\u202a" <= each <= "\u202e" or "\u2066" <= each <= "\u2069" for each in text)


@given(st.text(st.characters(codec=None)) | st.sampled_from(HOSTILE))
def test_any_text_is_made_visible(text: str) -> None:
    seen = visible(text)
    assert is_plain(seen)
    assert visible(seen) == seen
    seen.encode()


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_what_can_be_read_is_left_alone(text: str) -> None:
    assert visible(text) == text


def test_letters_of_every_script_are_kept() -> None:
    for text in (
        "Grüße",
        "\u4e2d\u6587",
        "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
        "e\u0301",
        "\U0001f469\u200d\U0001f4bb",
    ):
        assert visible(text) == text
    assert visible("a\tb\r\nc") == "a    b\nc"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_folder_says_it_in_no_command(
    hostile: str, model: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = model({"alpha==1.0": "imported by the model"})
    written = json.dumps(hostile)
    text = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(f"{text}name: {written}\nmodel_uuid: {written}\n{written}: 1\n")
    other = model({"beta==1.0": "x"}, name="other")
    (other / "MLmodel").write_text("flavors:\n  " + written + ": {}\n")
    for words in (
        ["inspect", folder],
        ["inspect", other],
        ["requirements", "list", "-m", folder],
        ["diff", folder, other],
        ["why", "-m", folder, f"x{hostile}"],
        ["verify", "-m", other],
        ["--debug", "verify", "-m", other],
        ["requirements", "remove", "-m", folder, f"x{hostile}"],
        [f"x{hostile}"],
        ["verify", f"--x{hostile}"],
    ):
        with _Either():
            main([*map(str, words)])
        told = capsys.readouterr()
        assert is_plain(told.out), words
        assert is_plain(told.err), words


class _Either:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, SystemExit)


def test_progress_says_it_not_either(capsys: pytest.CaptureFixture[str]) -> None:
    for hostile in HOSTILE:
        with Progress("plain", terminal=False, dim=False) as tell:
            tell(f"building {hostile}")
            tell.note(hostile)
    assert is_plain(capsys.readouterr().err)
    for hostile in HOSTILE:
        with Progress("auto", terminal=True, dim=True) as tell:
            tell(f"building {hostile}")
            tell.line(hostile)
    told = capsys.readouterr().err
    assert is_plain(told.replace("\r", "").replace("\x1b[2m", "").replace("\x1b[0m", ""))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_standard_output_takes_any_text_in_any_encoding(
    encoding: str, model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model({"alpha==1.0": "f\u00fcr \u4e2d\u6587"})
    kept = io.BytesIO()
    stream = io.TextIOWrapper(kept, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    with _Either():
        main(["requirements", "list", "-m", str(folder)])
    stream.flush()
    # click writes UTF-8 where the system says ASCII, which a terminal of today seldom means.
    written = "utf-8" if encoding == "ascii" else encoding
    expected = "f\u00fcr \u4e2d\u6587".encode(written, "backslashreplace")
    assert expected in kept.getvalue()
    assert stream.errors == "strict"


@pytest.mark.parametrize("words", [["--help"], ["save", "--help"], ["cache", "list"]])
def test_a_plain_locale_takes_every_help(words: list[str], tmp_path: Path) -> None:
    home = str(Path(modelenv.__file__).parent.parent)
    environment = {
        **os.environ,
        "PYTHONPATH": home,
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "MODELENV_CACHE_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "modelenv", *words]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    done.stdout.decode("ascii")


def test_a_document_keeps_its_keys_and_hides_secrets_in_its_texts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "requirement")
    monkeypatch.setenv("A_TOKEN", "p\u20acx-w0rd")
    texts = ["requirements", "requirement", "p\u20acx-w0rd", "https://me:pw@host/"]
    echo_json({"requirement": texts, "requirements": {"p\u20acx-w0rd": 1}})
    found = json.loads(capsys.readouterr().out)
    hidden = ["requirements", "${DB_PASSWORD}", "${A_TOKEN}", "https://****@host/"]
    assert found == {"requirement": hidden, "requirements": {"p\u20acx-w0rd": 1}}
