"""A shared library has the names of its file, and of the links to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.system.library_names import library_names


@pytest.mark.parametrize(
    ("library", "names"),
    [
        (
            "/usr/lib/libsprout.so.1.0.2",
            ("libsprout.so.1.0.2", "libsprout.so.1.0", "libsprout.so.1"),
        ),
        ("libsprout.so", ("libsprout.so",)),
        ("/usr/lib/libsprout.dylib", ("libsprout.dylib",)),
    ],
)
def test_one_that_is_not_here_has_the_names_of_its_file(
    library: str, names: tuple[str, ...]
) -> None:
    assert library_names(library) == names


def test_links_name_it_even_if_its_file_is_called_otherwise(tmp_path: Path) -> None:
    (tmp_path / "libseed-r0.3.21.so").write_bytes(b"")
    (tmp_path / "libother.so.0").symlink_to("libother.so.0.1")
    alternative = tmp_path / "alternatives"
    alternative.mkdir()
    (alternative / "libseed.so.0").symlink_to(tmp_path / "libseed-r0.3.21.so")
    (tmp_path / "libseed.so.0").symlink_to(alternative / "libseed.so.0")
    found = library_names(str(tmp_path / "libseed-r0.3.21.so"))
    assert found == ("libseed-r0.3.21.so", "libseed.so.0")
