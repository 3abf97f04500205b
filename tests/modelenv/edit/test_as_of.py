"""Resolution as of a date: its effect, the recorded date, and its duration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from envfiles import Lock, load_yaml, read_folder
from modelenv import Indexes, lock_fleet, lock_model, update_requirements
from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import UndatedError
from modelenv.cli import main
from modelenv.folder.errors import BadFolderError
from modelenv.folder.model_folder import ModelFolder
from resolver import ConflictError

from ...small_worlds import Index, write_wheel

Configured = Callable[[str], Path]
Model = Callable[..., Path]
Captured = pytest.CaptureFixture[str]
YEARS = {"1.0": "2021-06-01", "2.0": "2022-06-01", "3.0": "2023-06-01"}
IN_2022 = Indexes(as_of="2022-12-31")
MADE = "utc_time_created: '2021-12-31 10:20:30.123456'\n"


@pytest.fixture(autouse=True)
def world(configured: Configured, index: Index, tmp_path: Path) -> None:
    """Release `beta` once a year; `alpha` is installed here, and came in 2021."""
    for version, day in YEARS.items():
        index.add(write_wheel(tmp_path / "links", "beta", version), f"{day}T12:00:00Z")
    index.add(write_wheel(tmp_path / "links", "alpha", "1.0"), "2021-01-01T00:00:00Z")
    configured(f"{index.url}/simple")


@pytest.fixture
def open_folder(model: Model) -> Path:
    """A folder of another tool that leaves the version of `beta` open."""
    folder = model({"beta": ""}, ours=False, name="open")
    with (folder / "MLmodel").open("a") as file:
        file.write(MADE)
    return folder


@pytest.fixture
def ours(model: Model) -> Path:
    """A folder of ours."""
    return model({"alpha==1.0": "imported by the model"}, name="ours")


def locked(folder: Path) -> Lock:
    found = read_folder(folder).lock
    assert found is not None
    return found


def version(folder: Path, name: str = "beta") -> str:
    return locked(folder).by_name[name].version


def command(words: list[str], capsys: Captured) -> tuple[object, str]:
    """Run a command; return its exit code, and what it said of what is wrong."""
    try:
        main(words)
        code: object = 0
    except SystemExit as ended:
        code = ended.code or 0
    return code, capsys.readouterr().err


def recorded(folder: Path) -> object:
    document = load_yaml((folder / "MLmodel").read_text())
    assert isinstance(document, dict)
    return document["flavors"]["modelenv"].get("as_of")


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        (None, "3.0"),
        ("2022-05-31", "1.0"),
        ("2022-06-01", "2.0"),  # the whole of that day
        (date(2022, 6, 1), "2.0"),
        ("2022-06-01T12:00:00Z", "1.0"),
        (datetime(2022, 6, 1, 12, 0, 1, tzinfo=timezone.utc), "2.0"),
        ("1 day", "3.0"),
        ("model", "1.0"),
    ],
)
def test_a_lock_takes_what_was_there(
    said: str | date | datetime | None, chosen: str, open_folder: Path
) -> None:
    lock_model(open_folder, indexes=Indexes(as_of=said))
    assert version(open_folder) == chosen


def test_the_date_is_recorded_beside_when_it_was_resolved(open_folder: Path) -> None:
    locking = lock_model(open_folder, indexes=IN_2022)
    assert locked(open_folder).as_of == locking.as_of == "2023-01-01T00:00:00Z"
    assert locked(open_folder).resolved == locking.resolved
    assert "resolved as of 2023-01-01T00:00:00Z (the end of 2022-12-31); unproven" in str(locking)
    assert locking.to_json()["as_of"] == "2023-01-01T00:00:00Z"


def test_it_holds_for_the_next_lock_until_an_upgrade_forgets_it(open_folder: Path) -> None:
    lock_model(open_folder, indexes=IN_2022)
    again = lock_model(open_folder)
    assert version(open_folder) == "2.0"
    assert any("as the folder records" in note and "--upgrade" in note for note in again.notes)
    newest = lock_model(open_folder, upgrade=True)
    assert version(open_folder) == "3.0"
    assert (newest.as_of, locked(open_folder).as_of) == (None, "")
    assert any("forgotten" in note for note in newest.notes)
    lock_model(open_folder)
    assert version(open_folder) == "3.0"


def test_another_date_takes_the_place_of_the_recorded_one(open_folder: Path) -> None:
    lock_model(open_folder, indexes=IN_2022)
    lock_model(open_folder, indexes=Indexes(as_of="model"))
    assert (version(open_folder), locked(open_folder).as_of) == (
        "1.0",
        "2021-12-31T10:20:30.123456Z",
    )
    lock_model(open_folder, upgrade=True, indexes=IN_2022)
    assert version(open_folder) == "2.0"


def test_an_upgrade_takes_the_newest_whatever_is_installed(
    open_folder: Path, installed_site: Callable[..., None]
) -> None:
    installed_site("beta", "2.0")
    lock_model(open_folder)
    assert version(open_folder) == "2.0"
    lock_model(open_folder, upgrade=True)
    assert version(open_folder) == "3.0"


def test_as_of_a_date_what_is_installed_is_not_taken(
    open_folder: Path, installed_site: Callable[..., None]
) -> None:
    installed_site("beta", "1.0")
    lock_model(open_folder, indexes=IN_2022)
    assert version(open_folder) == "2.0"


def test_pins_that_came_later_are_named_with_their_day(model: Model) -> None:
    folder = model({"beta==3.0": "asked for", "alpha==1.0": ""}, name="late")
    locking = lock_model(folder, indexes=IN_2022)
    assert locking.lock is None
    assert not (folder / "pylock.toml").exists()
    assert locking.missing == (
        "beta 3.0: its index received it on 2023-06-01, later than it is asked as of",
    )
    assert "asked as of 2023-01-01T00:00:00Z" in str(locking)
    assert recorded(folder) is None


def test_a_closed_list_keeps_its_pins_in_an_upgrade(model: Model) -> None:
    folder = model({"beta==1.0": "asked for"}, name="closed")
    lock_model(folder, indexes=IN_2022)
    assert recorded(folder) == "2023-01-01T00:00:00Z"
    locking = lock_model(folder, upgrade=True)
    assert version(folder) == "1.0"
    assert (locking.resolved, recorded(folder)) == (None, None)
    assert any("pins a version" in note for note in locking.notes)


def test_edits_hold_to_the_date_that_they_record(ours: Path) -> None:
    edited = update_requirements(ours, add=["beta>=1"], indexes=IN_2022)
    assert "  + beta==2.0" in str(edited)
    assert recorded(ours) == "2023-01-01T00:00:00Z"
    update_requirements(ours, remove=["beta"])
    assert recorded(ours) == "2023-01-01T00:00:00Z"
    again = update_requirements(ours, add=["beta"])
    assert "  + beta==2.0" in str(again)
    assert any("as the folder records" in note for note in again.notes)
    with pytest.raises(ConflictError, match="2023-06-01"):
        update_requirements(ours, add=["beta==3.0"])
    lock_model(ours, upgrade=True)
    update_requirements(ours, add=["beta==3.0"])
    assert recorded(ours) is None


def test_an_edit_of_anothers_folder_says_how_its_date_is_kept(open_folder: Path) -> None:
    said = "--as-of 2023-01-01T00:00:00Z"
    first = update_requirements(open_folder, add=["alpha"], indexes=IN_2022)
    assert [note for note in first.notes if said in note]
    lock_model(open_folder, indexes=IN_2022)
    second = update_requirements(open_folder, remove=["alpha"])
    assert [note for note in second.notes if note.startswith("pylock.toml") and said in note]


def test_without_a_date_of_its_own_the_folder_is_named_and_the_way_out(
    model: Model, capsys: Captured
) -> None:
    folder = model({"beta": ""}, ours=False, name="undated")
    with pytest.raises(UndatedError, match=r"undated: nothing in it says .* as_of='2024-03-01'"):
        lock_model(folder, indexes=Indexes(as_of="model"))
    code, said = command(["lock", "-m", str(folder), "--as-of", "model"], capsys)
    assert code == 2
    assert "as --as-of 2024-03-01" in said


@pytest.mark.parametrize("text", ["2021-12-31 10:20:30", "2021-12-31 10:20:30.5", "2021-12-31"])
@pytest.mark.parametrize("quote", ["'", ""])
def test_the_date_of_a_model_is_read_as_mlflow_writes_it(
    text: str, quote: str, model: Model
) -> None:
    folder = model({"beta": ""}, ours=False, name="dated")
    with (folder / "MLmodel").open("a") as file:
        file.write(f"utc_time_created: {quote}{text}{quote}\n")
    made = ModelFolder.at(folder).dates.made
    assert made is not None
    assert made.isoformat().startswith(text.replace(" ", "T"))
    assert made.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["soon", "''", "[1]", "'2021-13-01 00:00:00'"])
def test_what_is_no_date_of_a_model_is_none(text: str, model: Model) -> None:
    folder = model({"beta": ""}, ours=False, name="odd")
    with (folder / "MLmodel").open("a") as file:
        file.write(f"utc_time_created: {text}\n")
    assert ModelFolder.at(folder).dates.made is None


def test_a_record_that_is_no_moment_is_named_by_its_file_and_key(ours: Path) -> None:
    text = (ours / "MLmodel").read_text()
    (ours / "MLmodel").write_text(text.replace("    format: 1\n", "    format: 1\n    as_of: x\n"))
    with pytest.raises(BadFolderError, match=r"MLmodel.*flavors\.modelenv\.as_of: 'x' is no"):
        update_requirements(ours, add=["beta"])


@pytest.mark.parametrize("said", ["soon", "2 months", "", 5])
def test_what_is_no_moment_is_refused_at_once(said: str) -> None:
    with pytest.raises(BadArgumentError, match='as_of must be a moment or "model", not'):
        Indexes(as_of=said)


@pytest.mark.parametrize("option", ["--as-of", "--exclude-newer"])
def test_the_command_takes_it_by_both_names(
    option: str, open_folder: Path, capsys: Captured
) -> None:
    assert command(["lock", "-m", str(open_folder), option, "2022-12-31"], capsys)[0] == 0
    assert version(open_folder) == "2.0"
    code, said = command(["lock", "-m", str(open_folder), option, "soon"], capsys)
    assert code == 2
    assert "--as-of must be a moment" in said


def test_models_of_a_fleet_are_locked_each_as_of_its_own_date(model: Model, tmp_path: Path) -> None:
    for name, year in (("old", 2021), ("new", 2022)):
        folder = model({"beta": ""}, ours=False, name=f"fleet/{name}")
        with (folder / "MLmodel").open("a") as file:
            file.write(MADE.replace("2021", str(year)))
    state = lock_fleet(tmp_path / "fleet", indexes=Indexes(as_of="model"))
    assert state.good
    assert version(tmp_path / "fleet" / "old") == "1.0"
    assert version(tmp_path / "fleet" / "new") == "2.0"
    assert lock_fleet(tmp_path / "fleet", upgrade=True).good
    assert {version(tmp_path / "fleet" / name) for name in ("old", "new")} == {"3.0"}


def test_a_day_that_is_not_over_is_told(open_folder: Path) -> None:
    today = datetime.now(timezone.utc).date()
    found = lock_model(open_folder, indexes=Indexes(as_of=today + timedelta(days=1)))
    assert any("is to come" in each for each in found.notes)
    found = lock_model(open_folder, indexes=Indexes(as_of=today - timedelta(days=1)))
    assert not any("is to come" in each for each in found.notes)


def test_a_lock_that_is_refused_says_that_the_date_is_the_folders(ours: Path, index: Index) -> None:
    lock_model(ours, indexes=IN_2022)
    pins = ours / "requirements.txt"
    pins.write_text(pins.read_text().replace("alpha==1.0", "beta==3.0"))
    found = lock_model(ours)
    assert found.lock is None
    assert "later than it is asked as of" in str(found)
    assert "as the folder records; modelenv lock -m" in str(found)
