"""Many models at once: verdicts and changes as for one, told together."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv import FleetOptions, Indexes
from modelenv.base.errors import WrongUseError
from modelenv.cli import main
from modelenv.fleet.errors import EngineMissingError, TableFormatError
from modelenv.fleet.results.causes import alike
from modelenv.fleet.results.files import COLUMNS, check_format
from modelenv.fleet.work.unit import TOGETHER, UnitSizes, units_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Fleet


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELENV_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def test_the_verdicts_are_those_of_single_models(saved_fleet: Path, state: Path) -> None:
    report = modelenv.verify_fleet(saved_fleet, fleet=FleetOptions(jobs=2))
    assert report.counts == {"reproduces": 1, "differs": 1, "fails": 1}
    assert not report
    told = {(each.status, each.cause): each.count for each in report.causes}
    assert told == {
        ("differs", "the prediction differs"): 1,
        ("fails", "missing module absent_module"): 1,
    }
    outcomes = {Path(each.path).name: each for each in report.outcomes()}
    for name in ("differs", "fails"):
        verdict = modelenv.verify(saved_fleet / name)
        assert (outcomes[name].status, outcomes[name].reason) == (verdict.status, verdict.reason)
    assert "fails: missing module absent_module: 1 model" in str(report)
    assert modelenv.verify_fleet(saved_fleet).earlier == 3


def test_the_command_tells_and_writes_and_exits(
    saved_fleet: Path, state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "out.csv"
    words = ["fleet", "verify", str(saved_fleet / "good"), "--fresh", "-o", str(table)]
    main(words)
    captured = capsys.readouterr()
    assert captured.out == "1 model with 1 pin set: 1 reproduces\n"
    assert str(state) in captured.err
    (row,) = csv.DictReader(table.read_text().splitlines())
    assert tuple(row) == COLUMNS
    assert (row["status"], json.loads(row["result"])["how"]) == ("reproduces", "fresh")
    assert (row["earlier"], row["good"]) == ("False", "True")
    main([*words[:4], "--fresh", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (said["good"], said["earlier"], said["models"][0]["status"]) == (True, 1, "reproduces")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    code: object = 0
    try:
        main(["fleet", *words])
    except SystemExit as ended:
        code = ended.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_an_inspection_tells_what_is_missing(
    fleet: Fleet, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fleet.many(3)
    for name in ("m0000", "m0002"):
        (fleet.root / name / "model.pkl").unlink()
    table = tmp_path / "out.jsonl"
    code, out, _ = run(capsys, "inspect", str(fleet.root), "-o", str(table))
    assert code == 1
    assert out.startswith("3 models with 1 pin set: 2 incomplete, 1 whole\n")
    assert ": 2 models\n" in out
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    assert [row["status"] for row in rows] == ["incomplete", "whole", "incomplete"]
    assert rows[1]["result"]["python"] == "3.11.7"


def test_a_table_of_parquet(
    fleet: Fleet, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    fleet.many(3)
    run(capsys, "inspect", str(fleet.root), "-o", str(tmp_path / "out.parquet"))
    rows = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [Path(row["path"]).name for row in rows] == ["m0000", "m0001", "m0002"]
    assert rows[0]["at"].tzinfo is not None
    assert [each.name for each in tmp_path.iterdir() if "partial" in each.name] == []


def test_a_table_that_cannot_be_written_is_refused_before_the_work(
    fleet: Fleet, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(TableFormatError):
        check_format(Path("out.xlsx"))
    code, _, err = run(capsys, "inspect", str(fleet.root), "-o", str(tmp_path / "out.xlsx"))
    assert code == 2
    assert ".parquet, .csv or .jsonl" in err
    assert not (tmp_path / "state").exists()


def test_migrating_shows_and_then_writes(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        fleet.add(f"old{number}", channel="defaults")
    fleet.add("new")
    before = (fleet.root / "old0/conda.yaml").read_bytes()
    code, out, _ = run(capsys, "migrate", str(fleet.root))
    assert (code, out) == (0, "4 models: 3 to change, 1 unchanged\n")
    assert (fleet.root / "old0/conda.yaml").read_bytes() == before
    code, out, _ = run(capsys, "migrate", str(fleet.root), "--write")
    assert (code, out) == (0, "4 models: 3 changed, 1 unchanged\n")
    assert b"conda-forge" in (fleet.root / "old0/conda.yaml").read_bytes()
    _, out, _ = run(capsys, "migrate", str(fleet.root), "--write")
    assert "4 known from earlier runs" in out
    (fleet.root / "old0/conda.yaml").write_bytes(before)  # as it was: it is done again
    _, out, _ = run(capsys, "migrate", str(fleet.root), "--write")
    assert "3 known from earlier runs" in out
    assert b"conda-forge" in (fleet.root / "old0/conda.yaml").read_bytes()


def test_a_model_that_cannot_be_changed_costs_no_other(fleet: Fleet) -> None:
    fleet.add("a", channel="defaults")
    (fleet.add("b") / "conda.yaml").write_text("channels: [")
    report = modelenv.migrate_fleet(fleet.root, write=True)
    assert report.counts == {"changed": 1, "faulty": 1}
    assert not report


def test_models_that_pin_the_same_are_resolved_once(
    model: Callable[..., Path], index: Any, wheels: Any, state: Path, tmp_path: Path
) -> None:
    pytest.importorskip("packaging.pylock")
    for name in ("alpha", "beta", "gamma"):
        index.add(wheels.add(name, "1.0"))
    where = Indexes(index_url=f"{index.url}/simple/")
    one = model({"alpha==1.0": ""}, name="alone/one")
    modelenv.lock_fleet(one.parent, indexes=where)
    asked = [each for each in index.asked if "alpha" in each]
    folders = [model({"beta==1.0": ""}, name=f"many/m{number}") for number in range(4)]
    folders.append(model({"gamma==1.0": "", "absent==1.0": ""}, name="many/none"))
    report = modelenv.lock_fleet(tmp_path / "many", hashes=True, indexes=where)
    assert report.counts == {"locked": 4, "not locked": 1}
    assert len([each for each in index.asked if "beta" in each]) <= len(asked) + 1
    assert "absent" in report.causes[0].cause
    for folder in folders[:4]:
        assert "beta" in (folder / "pylock.toml").read_text()
        assert "--hash" in (folder / "requirements.txt").read_text()
    before = len(index.asked)
    again = modelenv.lock_fleet(tmp_path / "many", hashes=True, indexes=where)
    assert again.earlier == 5
    assert len(index.asked) == before


def test_newer_versions_are_told_by_pin_set(
    model: Callable[..., Path], wheels: Any, state: Path, tmp_path: Path
) -> None:
    for version in ("1.0", "2.0"):
        wheels.add("alpha", version, "beta")
    wheels.add("beta", "1.0")
    for number in range(3):
        pins = {"alpha==1.0": "imported by the model", "beta==1.0": "via alpha"}
        model(pins, name=f"many/m{number}")
    model({"absent==1.0": "imported by the model"}, name="many/none")
    audit = modelenv.audit_fleet(tmp_path / "many", newer=True)
    assert audit.newer is not None
    told = {bool(each.error): each for each in audit.newer}
    assert len(audit.newer) == 2
    assert [str(each) for each in told[False].changes] == ["alpha 1.0 -> 2.0"]
    assert told[False].relaxed
    assert "absent" in told[True].error


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("row 7: /srv/a/data.csv: 30 columns", "row 812: /home/me/b/data.csv: 29 columns"),
        ("m-0123456789abcdef0123 is gone", "m-fedcba98765432100123 is gone"),
        ("at 0x7f00: off by 1e-05", "at 0x8a01: off by 3.5"),
    ],
)
def test_like_causes_are_one(one: str, other: str) -> None:
    assert alike(one) == alike(other)
    assert alike("No module named 'cv2'") != alike("No module named 'PIL'")
    assert "numpy2" in alike("numpy2 and python3.11: 12")


def test_units_hold_what_pins_the_same() -> None:
    class Task:
        name = "t"
        writes = False

        def __init__(self, sizes: UnitSizes) -> None:
            self.sizes = sizes

        def said(self) -> dict[str, Any]:
            return {}

        def pins(self, folder: Path) -> str:
            return folder.name[0]

        def run(self, unit: object, stopped: object) -> Any:
            raise AssertionError

    models = [Path(f"{'ab'[number % 3 == 0]}{number}") for number in range(700)]
    sizes = [(each.pins, len(each.models)) for each in units_of(Task(UnitSizes()), models, 700, 2)]
    assert sum(count for _, count in sizes) == 700
    assert max(count for _, count in sizes) == 100
    together = [len(each.models) for each in units_of(Task(TOGETHER), models, 700, 2)]
    assert sorted(together) == [234, 466]
    few = [len(each.models) for each in units_of(Task(UnitSizes()), models[:30], 30, 8)]
    assert max(few) == 10


def test_a_cluster_that_is_not_there_is_named(fleet: Fleet) -> None:
    fleet.add("a")
    with pytest.raises(WrongUseError, match="cluster"):
        FleetOptions(cluster="tcp://h:1")
    try:
        import ray  # noqa: F401
    except ImportError:
        with pytest.raises(EngineMissingError, match="pip install 'ray'"):
            modelenv.inspect_fleet(fleet.root, fleet=FleetOptions(engine="ray"))
