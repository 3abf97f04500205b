"""System files that a model names are found, though only C code opens them."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from modelenv.system.named_files import find_named_files

ZONE, HOSTS = Path("/usr/share/zoneinfo/Europe/Berlin"), Path("/etc/hosts")


def paths(*sources: Path) -> list[str]:
    return [each.path for each in find_named_files(sources)]


@pytest.mark.parametrize("protocol", range(2, 6))
def test_paths_and_time_zones_are_found_in_pickles(tmp_path: Path, protocol: int) -> None:
    if not (ZONE.is_file() and HOSTS.is_file()):
        pytest.skip("a system without these files")
    file = tmp_path / "model.pkl"
    file.write_bytes(
        pickle.dumps({"a": [str(HOSTS), "/etc/no-such"], "b": "Europe/Berlin"}, protocol)
    )
    assert paths(file) == [str(HOSTS), str(ZONE)]


def test_fonts_are_found_in_sources_by_their_names(tmp_path: Path) -> None:
    font = next(Path("/usr/share/fonts").rglob("*.ttf"), None)
    if font is None:
        pytest.skip("no fonts")
    source = tmp_path / "own.py"
    source.write_text(f"FONT = {font.name!r}\nOTHER = 'NoSuchFont.ttf'\n", "utf-8")
    (found, *_) = find_named_files([source])
    assert (Path(found.path).name, found.asked_by, found.kind) == (font.name, "own.py", "named")
    assert found.is_of_system


def test_what_is_gone_or_empty_names_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.py"
    empty.touch()
    assert paths(empty, tmp_path / "none.pkl") == []


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        ("zone = 'US/Eastern'", ["US/Eastern"]),
        ("zone = 'Canada/Atlantic'", ["Canada/Atlantic"]),
        ("os.environ['TZ'] = 'CET'\ntime.tzset()", ["CET"]),
        ("os.environ['TZ'] = 'Japan'", ["Japan"]),
        ("os.environ['TZ'] = 'UTC'", []),
        ("COUNTRY = 'Japan'", []),
        ("TZ_NAMES = ['Japan.csv', 'x/CET']", []),
    ],
)
def test_zones_that_c_code_is_told_are_named(tmp_path: Path, text: str, zones: list[str]) -> None:
    source = tmp_path / "own.py"
    source.write_text(text, "utf-8")
    found = find_named_files([source], here=False)
    assert [each.path for each in found] == [f"/usr/share/zoneinfo/{zone}" for zone in zones]


def test_what_was_named_elsewhere_need_not_be_here(tmp_path: Path) -> None:
    source = tmp_path / "own.py"
    source.write_text("FONT = 'NoSuchFont.ttf'; ZONE = 'Europe/Nowhere'", "utf-8")
    assert find_named_files([source]) == ()
    assert [each.path for each in find_named_files([source], here=False)] == [
        "/usr/share/fonts/truetype/NoSuchFont.ttf",
        "/usr/share/zoneinfo/Europe/Nowhere",
    ]
