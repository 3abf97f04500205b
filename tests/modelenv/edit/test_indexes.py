"""Indexes can be given for one call, in the terms of pip and uv."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from envfiles import read_folder
from modelenv import Indexes, lock_model, update_requirements
from modelenv.base.arguments import BadArgumentError
from modelenv.cli.edit import lock, requirements
from resolver import ConflictError

from ...small_worlds import Index, on_disk, write_wheel

Configured = Callable[[str], Path]


@pytest.fixture
def folder(configured: Configured, tmp_path: Path) -> Path:
    """A folder; pip is configured with an index on this disk that has no file."""
    (tmp_path / "empty").mkdir()
    return configured((tmp_path / "empty").as_uri())


@pytest.fixture
def other(tmp_path: Path) -> str:
    """An index on this disk that has `beta` 1.0."""
    return on_disk(tmp_path / "other", beta="1.0")


def lines(folder: Path) -> list[str]:
    return [entry.requirement for entry in read_folder(folder).requirements]


@pytest.mark.parametrize(
    "said",
    [
        lambda url, _: Indexes(index_url=f"{url}/simple"),
        lambda url, _: Indexes(extra_index_urls=[f"{url}/simple"]),
        lambda _, links: Indexes(find_links=[str(links)]),
        lambda _, links: Indexes(find_links=[str(links)], no_index=True),
    ],
)
def test_an_edit_finds_what_is_there(
    folder: Path, index: Index, tmp_path: Path, said: Callable[..., Indexes]
) -> None:
    index.add(write_wheel(tmp_path / "links", "beta", "1.0"))
    with pytest.raises(ConflictError):
        update_requirements(folder, add=["beta"])
    update_requirements(folder, add=["beta"], indexes=said(index.url, tmp_path / "links"))
    assert lines(folder) == ["alpha==1.0", "beta==1.0"]


def test_a_folder_of_links_that_is_gone_ends_no_edit(
    folder: Path, index: Index, tmp_path: Path
) -> None:
    index.add(write_wheel(tmp_path / "links", "beta", "1.0"))
    places = [str(tmp_path / "gone"), str(tmp_path / "links")]
    edited = update_requirements(folder, add=["beta"], indexes=Indexes(find_links=places))
    assert lines(folder) == ["alpha==1.0", "beta==1.0"]
    assert any(str(tmp_path / "gone") in each and "passed over" in each for each in edited.notes)


def test_a_login_reaches_no_file_and_the_index_does_with_variables_in_its_place(
    folder: Path, index: Index, tmp_path: Path
) -> None:
    index.add(write_wheel(tmp_path / "links", "beta", "1.0"))
    secret = index.url.replace("://", "://me:hidden@")
    edited = update_requirements(
        folder, add=["beta"], indexes=Indexes(extra_index_urls=[f"{secret}/simple"])
    )
    locking = lock_model(folder, indexes=Indexes(extra_index_urls=[f"{secret}/simple"]))
    files = [file for root in (folder, tmp_path / "cache") for file in root.rglob("*")]
    texts = [file.read_bytes() for file in files if file.is_file()]
    assert texts
    assert not any(b"hidden" in text for text in texts)
    assert "hidden" not in f"{edited}{edited.to_json()}{locking}{locking.to_json()}"
    (option,) = read_folder(folder).options
    assert option.startswith("--extra-index-url http://${")
    assert option.endswith(f"@{index.url.removeprefix('http://')}/simple")


def test_a_login_is_in_no_repr_and_no_message(folder: Path, index: Index) -> None:
    secret = index.url.replace("://", "://me:hidden@")
    said = Indexes(index_url=f"{secret}/simple")
    assert "hidden" not in repr(said)
    with pytest.raises(ConflictError) as caught:
        update_requirements(folder, add=["beta"], indexes=said)
    assert "hidden" not in str(caught.value)


def test_a_conflict_names_the_file_that_pins(folder: Path, tmp_path: Path) -> None:
    write_wheel(tmp_path / "links", "alpha", "6.0")
    write_wheel(tmp_path / "links", "beta", "1.0", ["alpha>5"])
    links = Indexes(find_links=[str(tmp_path / "links")])
    with pytest.raises(ConflictError, match=r"requirements\.txt pins alpha==1\.0") as caught:
        update_requirements(folder, add=["beta"], indexes=links)
    assert "the trace" not in str(caught.value)  # which may have run with other pins


@pytest.mark.parametrize(
    ("strategy", "beta", "gamma"),
    [
        ("first-index", "1.0", None),
        ("unsafe-first-match", "1.0", "2.0"),
        ("unsafe-best-match", "3.0", "2.0"),
    ],
)
def test_a_strategy_says_which_indexes_answer(
    folder: Path, tmp_path: Path, other: str, strategy: Any, beta: str, gamma: str | None
) -> None:
    write_wheel(tmp_path / "other/simple/gamma", "gamma", "1.0")
    page = tmp_path / "other/simple/gamma/index.html"
    page.write_text('<a href="gamma-1.0-py3-none-any.whl">gamma</a>')
    main = on_disk(tmp_path / "main", beta="3.0", gamma="2.0")
    said = Indexes(index_url=main, extra_index_urls=[other], strategy=strategy)
    update_requirements(folder, add=["beta"], indexes=said)
    assert f"beta=={beta}" in lines(folder)
    if gamma is None:
        with pytest.raises(ConflictError) as caught:
            update_requirements(folder, add=["gamma>1", "beta>1"], indexes=said)
        told = [line for line in str(caught.value).splitlines() if "not asked" in line]
        assert told == [
            f"beta, gamma: {other} has that name and answers for it alone, so not asked: {main}"
            " (unless with --index-strategy unsafe-best-match)."
        ]
    else:
        update_requirements(folder, add=["gamma>1"], indexes=said)
        assert f"gamma=={gamma}" in lines(folder)


def test_what_no_lock_has_a_file_of_is_one_line_for_all(
    folder: Path, tmp_path: Path, other: str, model: Callable[..., Path]
) -> None:
    pins = {f"{name}==9.0": "x" for name in ("beta", "gamma", "delta")}
    large = model(pins, name="large")
    files = {"beta": "1.0", "gamma": "1.0", "delta": "1.0"}
    first, main = on_disk(tmp_path / "first", **files), on_disk(tmp_path / "main")
    locking = lock_model(large, indexes=Indexes(index_url=main, extra_index_urls=[first]))
    assert locking.lock is None
    (line,) = locking.missing
    assert line.startswith("beta 9.0, delta 9.0, gamma 9.0: no index and no folder has it; ")
    assert line.count("not asked") == 1


@pytest.mark.parametrize("said", [{"strategy": "best"}, {"extra_index_urls": 3}])
def test_what_is_none_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(BadArgumentError):
        Indexes(**said)


def test_the_commands_have_the_options(folder: Path, other: str, tmp_path: Path) -> None:
    options = ["--index-url", other, "--index-strategy", "unsafe-best-match"]
    command = ["add", "-m", str(folder), "beta", *options]
    done = CliRunner().invoke(requirements, command)
    assert done.exit_code == 0, done.output
    assert lines(folder) == ["alpha==1.0", "beta==1.0"]
    links = on_disk(tmp_path / "more", alpha="1.0", beta="1.0")
    done = CliRunner().invoke(lock, ["-m", str(folder), "--extra-index-url", links])
    assert done.exit_code == 0, done.output


def test_no_index_leaves_the_places_that_pip_is_configured_with(
    folder: Path, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(write_wheel(tmp_path / "links", "beta", "1.0"))
    (tmp_path / "pip.conf").write_text(f"[global]\nfind-links = {tmp_path / 'links'}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")
    done = CliRunner().invoke(requirements, ["add", "-m", str(folder), "beta", "--no-index"])
    assert done.exit_code == 0, done.output
    assert "note" not in done.output
    assert lines(folder) == ["alpha==1.0", "beta==1.0"]
    with pytest.raises(ConflictError, match="--no-index lets no index be asked"):
        update_requirements(folder, add=["gamma"], indexes=Indexes(no_index=True))
    assert index.asked == []


# What an index lacks, of what an edit asks for


def test_where_no_index_may_be_asked_none_is_said_to_lack_anything(
    folder: Path, installed_site: Callable[..., None]
) -> None:
    installed_site("beta", "1.0")
    edited = update_requirements(folder, add=["beta"], indexes=Indexes(no_index=True))
    assert edited.notes == ()


@pytest.mark.parametrize("installer", ["", "rpm", "conda"])
def test_what_no_index_has_is_told_of_what_something_else_than_pip_brought(
    folder: Path, installed_site: Callable[..., None], tmp_path: Path, installer: str
) -> None:
    installed_site("beta", "1.0")
    if installer:
        (tmp_path / "site/beta-1.0.dist-info/INSTALLER").write_text(installer)
    edited = update_requirements(folder, add=["beta"])
    (note,) = (each for each in edited.notes if each.startswith("not to be had"))
    assert note.startswith("not to be had from the configured index: beta 1.0 (")
    assert "--find-links" in note


def test_of_what_pip_brought_no_index_is_asked(
    folder: Path, installed_site: Callable[..., None], index: Index, tmp_path: Path
) -> None:
    installed_site("beta", "1.0")
    (tmp_path / "site/beta-1.0.dist-info/INSTALLER").write_text("pip")
    said = Indexes(index_url=f"{index.url}/simple")
    assert update_requirements(folder, add=["beta"], indexes=said).notes == ()
    assert index.asked == []


@pytest.mark.parametrize("reachable", [True, False])
def test_an_index_that_has_it_or_does_not_answer_is_no_reason_for_a_note(
    folder: Path,
    installed_site: Callable[..., None],
    index: Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    reachable: bool,
) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    installed_site("beta", "1.0")
    index.add(write_wheel(tmp_path / "made", "beta", "1.0"))
    url = f"{index.url}/simple" if reachable else "http://127.0.0.1:9/simple"
    edited = update_requirements(folder, add=["beta"], indexes=Indexes(index_url=url))
    assert not any("not to be had" in note for note in edited.notes)
