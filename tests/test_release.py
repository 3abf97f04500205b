"""The version, the CHANGELOG and the addresses of the project say the same everywhere."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

from packaging.version import Version

import modelenv

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
HEADINGS = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
RELEASES = [heading.split(" - ") for heading in HEADINGS]
# Of Keep a Changelog, and one for what somebody who comes from an earlier version has to do.
SECTIONS = {"When you upgrade", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
TEXTS = {".md", ".py", ".toml", ".yml", ".yaml", ".json", ".html", ".sh"}


def texts() -> dict[str, str]:
    """Return each text that is published, by its path."""
    folders = ("modelenv", "tracer", "resolver", "envfiles", "docs", "examples", ".github")
    files = [file for name in folders for file in (ROOT / name).rglob("*")]
    files += [file for file in ROOT.iterdir() if file.is_file()]
    read = (file for file in files if file.suffix in TEXTS)
    return {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in read}


def test_the_topmost_release_is_the_version() -> None:
    assert RELEASES[0][0] == modelenv.__version__
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT


def test_releases_are_newest_first_and_dated() -> None:
    assert all(len(release) == 2 for release in RELEASES), HEADINGS
    versions = [Version(number) for number, _ in RELEASES]
    assert versions == sorted({*versions}, reverse=True)
    dated = RELEASES[1:] if RELEASES[0][1] == "unreleased" else RELEASES
    days = [date.fromisoformat(day) for _, day in dated]
    assert days == sorted(days, reverse=True)


def test_each_release_has_known_sections_once() -> None:
    for release in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (.*)$", release, re.MULTILINE)
        assert sections, release.partition("\n")[0]
        assert len(sections) == len({*sections})
        assert {*sections} <= SECTIONS


def test_a_version_of_modelenv_that_is_named_is_one() -> None:
    released = {number for number, _ in RELEASES}
    named = {
        (number, file)
        for file, text in texts().items()
        for number in re.findall(r"\bmodelenv(?: |==|-)(\d+\.\d+\.\d+)\b", text)
    }
    assert {(number, file) for number, file in named if number not in released} == set()


def test_an_address_of_the_project_is_one_that_it_states() -> None:
    """Hold that none is made up: who publishes it states them once, in pyproject.toml."""
    stated = tuple(PROJECT.get("urls", {}).values())
    assert all(url.startswith("https://") and "…" not in url for url in stated)
    named = {
        (url, file)
        for file, text in texts().items()
        # The host `modelenv` alone is that of a proxy's configuration.
        for url in re.findall(
            r"https?://(?!modelenv[/;])[^\s)\"'>`]*\bmodelenv\b[^\s)\"'>`]*", text
        )
    }
    assert {(url, file) for url, file in named if not url.startswith(stated)} == set()


def test_the_extra_of_all_has_each_that_adds_to_what_is_installed() -> None:
    extras = PROJECT["optional-dependencies"]
    of_developers = {"test", "docs", "dev", "bench"}
    of_users = sorted({*extras} - of_developers - {"all"})
    assert extras["all"] == [f"modelenv[{extra}]" for extra in of_users]
    table = (ROOT / "docs" / "commands.md").read_text("utf-8").partition("## Extras\n")[2]
    assert re.findall(r"^\| `(\w+)` ", table, re.MULTILINE) == ["all", *of_users]
