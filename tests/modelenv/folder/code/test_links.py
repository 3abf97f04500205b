"""Targets of links travel as files at the places that the run used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelenv.base.siblings import resolver
from modelenv.folder.code.plan import plan_code
from modelenv.folder.code.sweep import sweep
from modelenv.folder.errors import BadCodePathError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links need no privilege on POSIX")


class Tree:
    """A folder with a package `pkg`, and with files that are shared."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "pkg"
        self.write("pkg/__init__.py")

    def write(self, name: str, text: str = "") -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or name)
        return file

    def link(self, name: str, target: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(self.root / target)
        return file

    def plan(self, *modules: str, used: tuple[str, ...] = ()) -> tuple[dict[str, str], set[str]]:
        """Plan with these modules as imported; return texts by place, and what is left out."""
        planned = plan_code(
            [resolver.FirstParty(name, str(self.file(name))) for name in ("pkg", *modules)],
            (),
            (),
            used=[self.root / each for each in used],
        )
        left = {Path(each).relative_to(self.root).as_posix() for each in planned.left_out}
        return {place: file.read_text() for place, file in planned.files.items()}, left

    def file(self, module: str) -> Path:
        base = self.root.joinpath(*module.split("."))
        return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "work")


def test_a_module_that_is_a_link_out_of_its_package_is_copied(tree: Tree) -> None:
    tree.write("common/shared.py", "shared")
    tree.link("pkg/shared.py", "common/shared.py")
    tree.link("pkg/idle.py", "common/shared.py")
    assert tree.plan("pkg.shared") == (
        {"pkg/__init__.py": "pkg/__init__.py", "pkg/shared.py": "shared"},
        {"pkg/idle.py"},
    )


def test_a_chain_of_links_is_followed_to_its_end(tree: Tree) -> None:
    tree.write("common/shared.py", "shared")
    tree.link("hop/one.py", "common/shared.py")
    tree.link("pkg/shared.py", "hop/one.py")
    assert tree.plan("pkg.shared")[0]["pkg/shared.py"] == "shared"


def test_a_package_inside_that_is_a_link_is_copied_whole(tree: Tree) -> None:
    tree.write("common/vendor/__init__.py")
    tree.write("common/vendor/lazy.py", "lazy")
    tree.write("common/vendor/words.txt", "words")
    tree.link("common/vendor/again.txt", "common/vendor/words.txt")
    tree.link("common/vendor/out.txt", "common/beside.txt")
    tree.write("common/beside.txt")
    tree.link("pkg/vendor", "common/vendor")
    files, left = tree.plan("pkg.vendor")
    assert {"pkg/vendor/lazy.py", "pkg/vendor/words.txt", "pkg/vendor/again.txt"} <= set(files)
    assert left == {"pkg/vendor/out.txt"}


def test_a_package_that_is_one_link_is_copied_whole(tree: Tree) -> None:
    tree.write("far/impl/__init__.py")
    tree.write("far/impl/words.txt")
    tree.link("own", "far/impl")
    planned = plan_code([resolver.FirstParty("own", str(tree.root / "own/__init__.py"))], (), ())
    assert set(planned.files) == {"own/__init__.py", "own/words.txt"}
    assert planned.left_out == ()


def test_a_data_file_that_is_a_link_is_copied_where_the_run_read_it(tree: Tree) -> None:
    tree.write("common/words.txt", "words")
    tree.link("pkg/words.txt", "common/words.txt")
    tree.link("pkg/idle.txt", "common/words.txt")
    files, left = tree.plan(used=("pkg/words.txt",))
    assert files["pkg/words.txt"] == "words"
    assert left == {"pkg/idle.txt"}


def test_a_folder_of_data_that_is_a_link_inside_the_package_is_looked_into(tree: Tree) -> None:
    tree.write("pkg/data_v2/words.txt", "words")
    tree.link("pkg/data", "pkg/data_v2")
    tree.link("pkg/data_v2/up", "pkg")
    assert tree.plan()[0]["pkg/data/words.txt"] == "words"


def test_a_package_all_of_links_is_the_package_that_they_lead_to(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "sources")
    tree.write("pkg/lazy.py")
    tree.write("pkg/data/words.txt")
    tree.write("pkg/sub/__init__.py")
    tree.write("notes.txt")
    build = tmp_path / "build"
    for name in ("__init__.py", "lazy.py", "data/words.txt", "sub/__init__.py"):
        (build / "pkg" / name).parent.mkdir(parents=True, exist_ok=True)
        (build / "pkg" / name).symlink_to(tree.root / "pkg" / name)
    (build / "pkg" / "notes.txt").symlink_to(tree.root / "notes.txt")
    planned = plan_code([resolver.FirstParty("pkg", str(build / "pkg/__init__.py"))], (), ())
    assert set(planned.files) == {
        *("pkg/__init__.py", "pkg/lazy.py", "pkg/data/words.txt", "pkg/sub/__init__.py")
    }
    assert planned.left_out == (str(build / "pkg/notes.txt"),)


def test_a_secret_stays_though_the_run_read_it_through_a_link(tree: Tree) -> None:
    tree.write("common/server.key")
    tree.link("pkg/server.key", "common/server.key")
    files, left = tree.plan(used=("pkg/server.key",))
    assert set(files) == {"pkg/__init__.py"}
    assert left == {"pkg/server.key"}


def test_links_that_lead_to_each_other_come_to_an_end(tree: Tree) -> None:
    tree.write("pkg/a/one.txt")
    tree.write("pkg/b/two.txt")
    tree.link("pkg/a/b", "pkg/b")
    tree.link("pkg/b/a", "pkg/a")
    tree.link("pkg/itself", "pkg/itself")
    found = {file.relative_to(tree.package).as_posix() for file in sweep(tree.package).files}
    assert found == {
        "__init__.py",
        *("a/one.txt", "a/b/two.txt", "b/two.txt", "b/a/one.txt"),
    }


def test_a_folder_that_the_user_named_is_refused_for_links_that_no_run_used(tree: Tree) -> None:
    tree.write("common/words.txt", "words")
    link = tree.link("pkg/words.txt", "common/words.txt")
    with pytest.raises(BadCodePathError, match="leads out"):
        plan_code((), [tree.package], [str(tree.root)])
    planned = plan_code((), [tree.package], [str(tree.root)], used=[link])
    assert set(planned.files) == {"pkg/__init__.py", "pkg/words.txt"}
