"""Used files of the project's folder travel to the place where they are looked for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from modelenv.folder.code.code_plan import CodePlan
from modelenv.folder.code.project_files import ProjectFiles, ProjectFolder


def made(root: Path, *names: str) -> list[Path]:
    paths = [root / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    return paths


def planned(root: Path, *used: str, code: str = "", **folders: Path) -> ProjectFiles:
    """Plan for files below `root`, with code by its places: `pkg/a.py=src/pkg/a.py`."""
    pairs = (each.split("=") for each in code.split())
    plan = CodePlan({place: made(root, source)[0] for place, source in pairs})
    folder = ProjectFolder(path=root, **{"working": root, **folders})
    return folder.plan(made(root, *used), plan)


def places(found: ProjectFiles) -> dict[str, tuple[str, ...]]:
    return {file.source.name: file.places for file in found.files}


def test_it_stands_where_modules_and_where_the_working_folder_lead(tmp_path: Path) -> None:
    found = planned(tmp_path, "data/a.csv", "pkg/b.csv", code="pkg/m.py=pkg/m.py")
    assert places(found) == {
        "a.csv": ("code/data/a.csv", "working/data/a.csv"),
        "b.csv": ("code/pkg/b.csv", "working/pkg/b.csv"),
    }


def test_without_code_of_ones_own_the_working_folder_alone_leads_there(tmp_path: Path) -> None:
    assert places(planned(tmp_path, "a.csv")) == {"a.csv": ("working/a.csv",)}


def test_data_beside_the_folder_of_code_stands_beside_it(tmp_path: Path) -> None:
    code = "pkg/m.py=src/pkg/m.py"
    working = tmp_path / "elsewhere"
    found = planned(tmp_path, "data/a.csv", "wheels/b.csv", "c.csv", code=code, working=working)
    assert places(found) == {"a.csv": ("data/a.csv",)}
    assert [each.rpartition("/")[2] for each in found.left_out] == [
        "c.csv (no place in the model's folder)",
        "b.csv (no place in the model's folder)",
    ]


def test_a_module_that_is_a_link_finds_what_stands_beside_its_target(tmp_path: Path) -> None:
    made(tmp_path, "common/shared.py")
    (tmp_path / "svc").mkdir()
    (tmp_path / "svc" / "shared.py").symlink_to(tmp_path / "common" / "shared.py")
    plan = CodePlan({"svc/shared.py": tmp_path / "svc" / "shared.py"})
    folder = ProjectFolder(path=tmp_path, working=tmp_path / "elsewhere")
    found = folder.plan(made(tmp_path, "common/a.csv"), plan)
    assert places(found) == {"a.csv": ("code/common/a.csv", "code/svc/a.csv")}


def test_what_travels_with_its_package_is_not_copied_to_the_same_place(tmp_path: Path) -> None:
    code = "pkg/m.py=pkg/m.py pkg/a.csv=pkg/a.csv"
    assert places(planned(tmp_path, "pkg/a.csv", code=code)) == {"a.csv": ("working/pkg/a.csv",)}


def test_what_lies_outside_the_project_is_not_its_matter(tmp_path: Path) -> None:
    project = ProjectFolder(path=tmp_path / "project", working=tmp_path)
    used = made(tmp_path, "outside/a.csv", "projected/b.csv")
    assert project.plan(used, CodePlan()) == ProjectFiles()


def test_hidden_files_secrets_and_what_is_no_file_stay_and_are_named(tmp_path: Path) -> None:
    root = tmp_path / "p"
    found = planned(root, ".cache/a.csv", ".netrc", "server.key", "credentials.json", "sub/.x/b")
    gone = ProjectFolder(path=root, working=root).plan(
        [root / "gone.csv", root / "sub"], CodePlan()
    )
    assert found.files == gone.files == ()
    assert {each.removeprefix(f"{root}/") for each in (*found.left_out, *gone.left_out)} == {
        ".cache/a.csv (hidden)",
        ".netrc (hidden)",
        "sub/.x/b (hidden)",
        "server.key (its name is that of a secret)",
        "credentials.json (its name is that of a secret)",
        "gone.csv (no plain file)",
        "sub (no plain file)",
    }


def test_a_link_travels_where_it_leads_to_what_would_travel(tmp_path: Path) -> None:
    (real,) = made(tmp_path / "outside", "real.txt")
    _, key = made(tmp_path / "p", "a.csv", "db_password.txt")
    for name, target in {"out.txt": real, "key.txt": key, "in.csv": Path("a.csv")}.items():
        (tmp_path / "p" / name).symlink_to(target)
    root = tmp_path / "p"
    found = ProjectFolder(path=root, working=root).plan(sorted(root.iterdir()), CodePlan())
    assert {file.source.name for file in found.files} == {"a.csv", "in.csv"}
    assert found.left_out == (
        f"{key} (its name is that of a secret)",
        f"{root / 'key.txt'} (its name is that of a secret)",
        f"{root / 'out.txt'} (a link that leads out of the folder, to {real})",
    )


def test_hidden_folders_of_the_home_folder_stay_when_the_project_is_in_one(tmp_path: Path) -> None:
    root = tmp_path / "home" / ".config" / "tool"
    inside = planned(root, "a.csv", home=tmp_path / "home")
    assert inside.left_out == (f"{root / 'a.csv'} (hidden)",)
    assert places(planned(root, "a.csv", home=tmp_path / "other")) == {"a.csv": ("working/a.csv",)}


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets with a path")
def test_a_socket_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its path may be 107 characters long
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s")
        found = ProjectFolder(path=tmp_path, working=tmp_path).plan([tmp_path / "s"], CodePlan())
    assert found.left_out == (f"{tmp_path / 's'} (no plain file)",)


def test_a_large_file_stays_unless_it_is_named(tmp_path: Path) -> None:
    large, least = made(tmp_path, "large.bin", "least.bin")
    os.truncate(large, 100_000_001)  # it has no blocks
    os.truncate(least, 100_000_000)
    folder = ProjectFolder(path=tmp_path, working=tmp_path)
    found = folder.plan([large, least], CodePlan())
    assert [file.source for file in found.files] == [least]
    assert found.left_out == (f"{large} (100.0 MB: artifacts= or code_paths= has to name it)",)


def test_copies_are_written_and_told(tmp_path: Path) -> None:
    found = planned(tmp_path, "data/run", "b.csv", code="m.py=m.py")
    (tmp_path / "data" / "run").chmod(0o755)
    found.copy(tmp_path / "model")
    assert (tmp_path / "model/working/b.csv").read_text() == "b.csv"
    assert os.access(tmp_path / "model/code/data/run", os.X_OK)
    assert str(found).startswith(
        f"taking along {tmp_path / 'b.csv'} (5 B, as code/b.csv and working/b.csv), "
    )
    assert str(ProjectFiles()) == "taking along nothing of the project's folder"
