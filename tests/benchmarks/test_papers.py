"""What other tools write is held against what they install of it, and what they read of ours."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.papers.command import rows_in
from benchmarks.papers.desk import Desk, NotWrittenError
from benchmarks.papers.make import iter_documents
from benchmarks.papers.ours import Document
from benchmarks.papers.ours_read import iter_reads, read_by_all
from benchmarks.papers.paper import Paper
from benchmarks.papers.written import Tool, Written

UV = shutil.which("uv", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin") or "uv"


def kept(folder: Path, text: str, **truth: object) -> Path:
    """Keep a list and its truth in a folder of documents."""
    place = folder / "one"
    place.mkdir()
    (place / "requirements.txt").write_text(text)
    said: dict[str, object] = {"tool": "pip 26.3", "command": "", "python": "3.11.7", **truth}
    Paper(name="one", file="requirements.txt", **said).write(place)  # type: ignore[arg-type]
    return folder


def test_a_list_that_is_read_as_it_is_installed_is_good(tmp_path: Path) -> None:
    text = "Six==1.17.0\nidna>=3,<4\nidna<3.20\ncolorama==1 ; sys_platform == 'win32'\n"
    asked = ("six==1.17.0", "idna<3.20,<4,>=3", "tomli; python_version < '3.11'")
    (row,) = rows_in(kept(tmp_path, text, asked=asked))
    assert (row.is_read, row.faults) == (True, ())


def test_what_differs_is_told_by_name(tmp_path: Path) -> None:
    pins = {"six": "1.16.0", "click": "8.1.8"}
    (row,) = rows_in(kept(tmp_path, "six==1.17.0\nidna==3.20\n", pins=pins))
    assert row.faults == (
        "click: missing, truth ==8.1.8",
        "idna: ==3.20, truth none",
        "six: ==1.17.0, truth ==1.16.0",
    )
    assert str(row).endswith(" | yes | click: missing, truth ==8.1.8; idna: ==3.20, truth none; "
                             "six: ==1.17.0, truth ==1.16.0 |")  # fmt: skip


def test_it_is_held_against_the_export_on_every_platform(tmp_path: Path) -> None:
    text = "six==1.17.0\ncolorama==1 ; sys_platform == 'win32'\n"
    exported = ("six==1.17.0", "colorama==1 ; os_name == 'nt' and python_version >= '3.12'")
    (row,) = rows_in(kept(tmp_path, text, pins={"six": "1.17.0"}, exported=exported))
    assert row.faults == ("3.11.7 on win32: colorama: ==1, truth none",)


def test_what_is_refused_has_to_name_the_form(tmp_path: Path) -> None:
    (row,) = rows_in(kept(tmp_path, "[packages]\nsix = '*'\n", refusal="pipenv requirements"))
    assert (row.is_read, row.faults) == (False, ())
    shutil.rmtree(tmp_path / "one")
    (row,) = rows_in(kept(tmp_path, "[packages]\nsix = '*'\n", pins={"six": "1.17.0"}))
    assert "pipenv" in row.faults[0]


def test_there_are_forty_each_of_tools_with_one_version() -> None:
    documents = [(tool, each.name) for tool, each in iter_documents()]
    assert len(documents) >= 40
    assert len({name for _, name in documents}) == len(documents)
    tools = [*(tool for tool, _ in documents), *(tool for tool, _ in iter_reads())]
    assert len({tool.name for tool in tools}) == len(set(tools))


@pytest.mark.slow
def test_uv_writes_and_reads_as_we_do(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "papers", tmp_path / "tools", sys.executable, UV)
    for tool, document in iter_documents():
        if document.name in {"uv-lock-chosen", "uv-lock-forks", "uv-script", "uv-export"}:
            desk.written(tool, document)
    rows = list(rows_in(tmp_path / "papers"))
    assert len(rows) == 4
    assert not [row for row in rows if row.faults]
    ours = tmp_path / "requirements.txt"
    ours.write_text("six==1.17.0\n")
    own = Document("own", "requirements.txt", ours, {"six": "1.16.0"})
    (row,) = (row for row in read_by_all(desk, own) if row.tool.startswith("uv"))
    assert row.faults == ("six: 1.17.0, ours 1.16.0",)


@pytest.mark.slow
def test_a_tool_that_installs_nothing_is_no_truth(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "papers", tmp_path / "tools", sys.executable, UV)
    with pytest.raises(NotWrittenError, match="installs nothing"):
        desk.written(Tool("uv", ("uv==0.13.9",)), Written("none", "a.txt", installs="true"))
