"""First-party code travels at the import paths it had, and only code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelenv.base.siblings import resolver
from modelenv.folder.code.named import check_paths
from modelenv.folder.code.plan import plan_code
from modelenv.folder.errors import BadCodePathError, CodeClashError


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def made(root: Path, *files: str) -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def gathered(root: Path, *modules: tuple[str, str]) -> tuple[tuple[str, ...], set[str]]:
    target = root / "target"
    target.mkdir()
    found = [resolver.FirstParty(name, str(root / file)) for name, file in modules]
    planned = plan_code(found, (), ())
    planned.carry(target)
    return planned.names, tree(target)


@pytest.mark.parametrize(
    ("files", "modules", "named", "copied"),
    [
        (["own.py"], [("own", "own.py")], ["own"], ["own.py"]),
        (
            ["pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/data/words.txt"],
            [("pkg", "pkg/__init__.py"), ("pkg.a", "pkg/a.py")],
            ["pkg"],
            ["pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/data/words.txt"],
        ),
        (
            ["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/deep.py"],
            [("pkg.sub.deep", "pkg/sub/deep.py")],
            ["pkg"],
            ["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/deep.py"],
        ),
        (
            ["space/one.py", "space/two.py"],
            [("space.one", "space/one.py")],
            ["space.one"],
            ["space/one.py"],
        ),
        (
            ["space/pkg/__init__.py", "space/pkg/x.py", "space/other.py"],
            [("space.pkg.x", "space/pkg/x.py")],
            ["space.pkg"],
            ["space/pkg/__init__.py", "space/pkg/x.py"],
        ),
        (
            ["fast.cpython-311-x86_64-linux-gnu.so"],
            [("fast", "fast.cpython-311-x86_64-linux-gnu.so")],
            ["fast"],
            ["fast.cpython-311-x86_64-linux-gnu.so"],
        ),
        (["script.py"], [("__main__", "script.py")], [], []),
        (["script.py"], [("other_name", "script.py")], [], []),
        ([], [("gone", "gone.py")], [], []),
    ],
)
def test_a_module_stands_in_the_folder_where_its_name_leads(
    files: list[str],
    modules: list[tuple[str, str]],
    named: list[str],
    copied: list[str],
    tmp_path: Path,
) -> None:
    made(tmp_path, *files)
    assert gathered(tmp_path, *modules) == (tuple(named), set(copied))


def test_caches_hidden_files_and_keys_stay_at_home(tmp_path: Path) -> None:
    made(
        tmp_path,
        "pkg/__init__.py",
        "pkg/__pycache__/x.pyc",
        "pkg/.env",
        "pkg/.git/config",
        "pkg/secret.pem",
        "pkg/pkg.egg-info/PKG-INFO",
    )
    assert gathered(tmp_path, ("pkg", "pkg/__init__.py"))[1] == {"pkg/__init__.py"}


def test_the_text_is_the_same_and_the_original_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_bytes(b"# \xc3\xbc\r\n")
    gathered(tmp_path, ("own", "own.py"))
    assert (tmp_path / "target" / "own.py").read_bytes() == b"# \xc3\xbc\r\n"
    assert (tmp_path / "own.py").read_bytes() == b"# \xc3\xbc\r\n"


@pytest.mark.skipif(os.name != "posix", reason="links need no privilege on POSIX")
def test_links_are_followed_within_the_folder_and_no_further(tmp_path: Path) -> None:
    made(tmp_path, "pkg/__init__.py", "pkg/words.txt", "elsewhere/words.txt")
    (tmp_path / "pkg" / "inner.txt").symlink_to("words.txt")
    (tmp_path / "pkg" / "data").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "pkg" / "dangling").symlink_to("nowhere")
    (tmp_path / "pkg" / "circle").symlink_to(tmp_path / "pkg")
    planned = plan_code([resolver.FirstParty("pkg", str(tmp_path / "pkg/__init__.py"))], (), ())
    assert set(planned.files) == {"pkg/__init__.py", "pkg/words.txt", "pkg/inner.txt"}
    assert planned.left_out == (str(tmp_path / "pkg" / "data"),)


def test_secrets_are_left_behind_and_named(tmp_path: Path) -> None:
    made(tmp_path, "pkg/__init__.py", "pkg/server.key", "pkg/credentials.json", "pkg/secrets.py")
    planned = plan_code([resolver.FirstParty("pkg", str(tmp_path / "pkg/__init__.py"))], (), ())
    assert set(planned.files) == {"pkg/__init__.py", "pkg/secrets.py"}
    assert {Path(name).name for name in planned.left_out} == {"server.key", "credentials.json"}


def test_what_is_named_keeps_the_path_it_has_on_the_search_path(tmp_path: Path) -> None:
    made(tmp_path, "src/pkg/__init__.py", "src/pkg/sub/tool.py", "apart/words.py")
    planned = plan_code(
        [], [tmp_path / "src" / "pkg" / "sub", tmp_path / "apart"], [str(tmp_path / "src")]
    )
    assert set(planned.files) == {"pkg/__init__.py", "pkg/sub/tool.py", "apart/words.py"}


def test_two_files_at_one_place_are_refused_unless_they_are_the_same(tmp_path: Path) -> None:
    made(tmp_path, "a/own.py", "b/own.py")
    paths = [tmp_path / "a" / "own.py", tmp_path / "b" / "own.py"]
    assert set(plan_code([], paths, ()).files) == {"own.py"}
    paths[1].write_text("other = 1")
    with pytest.raises(CodeClashError, match=r"code/own\.py"):
        plan_code([], paths, ())


def test_a_path_that_is_not_there_is_refused_before_anything(tmp_path: Path) -> None:
    with pytest.raises(BadCodePathError, match="there is no such file"):
        check_paths([tmp_path / "absent"])


def test_a_folder_that_is_itself_on_the_path_is_found_both_ways(tmp_path: Path) -> None:
    made(tmp_path, "src/__init__.py", "src/utils.py", "src/lib/__init__.py")
    planned = plan_code((), [tmp_path / "src"], [str(tmp_path), str(tmp_path / "src")])
    assert {"src/utils.py", "utils.py", "lib/__init__.py"} <= set(planned.files)
    assert planned.names == ("lib", "src", "utils")


def test_one_path_may_be_given_without_a_list(tmp_path: Path) -> None:
    made(tmp_path, "own.py")
    assert (
        check_paths(str(tmp_path / "own.py"))
        == check_paths(tmp_path / "own.py")
        == (tmp_path / "own.py",)
    )
