"""The pages of the reports that nothing has to run for: they say what their plain text says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

import modelenv
from modelenv.batch.files.run_files import FilesPredicted
from modelenv.batch.pack.packing import PackedEnvironment
from modelenv.cli.shared.look.blocks import Command, Facts, Page, RowTable
from modelenv.cli.shared.look.draw import Pen
from modelenv.cli.shared.look.listed import ExplainedErrors, KeptEnvironments, ShownTrace
from modelenv.cli.shared.look.screen import Screen
from modelenv.cli.shared.look.tell import page_of
from modelenv.edit.migrate_channels import migrate_channels
from modelenv.export.exported import Exported
from modelenv.repair.diagnosis import Diagnosis
from modelenv.serving.watching.finding import Finding
from modelenv.serving.watching.production import Production
from modelenv.ship.build import BuiltImage
from modelenv.ship.generate import BuildContext
from modelenv.time.breaks.breaks import PickleBreak
from modelenv.time.culprits.outcome import Bisection, Culprit
from modelenv.time.newest.outcome import Stop, Upgrade
from modelenv.time.revival.values import AppliedRule, Revival
from modelenv.time.trials.pins import TrialPins
from modelenv.time.trials.tried import LibraryWarning, Tried
from modelenv.worker.verdict import Verdict
from tracer import trace

from ..audit.worlds import advisory, below, put
from ..fleet.conftest import Fleet
from ..ship.test_dockerfile import GOMP, a_plan

WORDS = re.compile(r"[\w./*~-]*\w")
# What the plain text says by a word, a page says by its place or by another word.
GLUE = {"in", "what", "is", "different"}
SAME = Verdict(status="reproduces", where="a replica", reason="the prediction equals the recorded")
OTHER = Verdict(status="differs", where="a replica", reason="prediction[0]: 2 became 3")
OLD, NEW = TrialPins(("a==1", "b==1"), "3.10"), TrialPins(("a==2", "b==1"), "3.13")
WARNED = LibraryWarning("own.OldWarning", "do not call this", "a/x.py:3")
BREAK = PickleBreak(
    distribution="a",
    names=("*",),
    written=SpecifierSet("<2"),
    read=SpecifierSet(">=2"),
    effect="differs",
    because="a 2 rounds elsewhere",
)
FAILS = Diagnosis(
    rule="missing-module",
    problem="in production cv2 is missing",
    stage="predict",
    evidence=("seen 3 times",),
    remedy="modelenv requirements add -m churn opencv-python-headless",
)
BEFORE = Tried(pins=OLD, verdict=SAME)
AFTER = Tried(pins=NEW, verdict=OTHER, warnings=(WARNED,))
PLACE = Path("/home/me/my models/a churn model")


def drawn(page: Page, width: int) -> str:
    return Pen(Screen(width=width, colours=False, unicode=True), str, verbose=True).draw(page)


def upgraded() -> Upgrade:
    return Upgrade(
        old=PLACE,
        path=Path(f"{PLACE}-upgraded"),
        before=OLD,
        after=NEW,
        best=Tried(pins=NEW, verdict=SAME, warnings=(WARNED,)),
        tried=(BEFORE, AFTER),
        relative=1e-6,
        stops=(Stop("b", "1", "2", "ValueError: another format", retrain=True),),
        foreseen=(BREAK,),
        written=True,
        notes=("it is told",),
    )


def bisected() -> Bisection:
    culprit = Culprit(
        name="a", good="1", bad="2", before=BEFORE, after=AFTER, known="it rounds", skipped=("1.5",)
    )
    return Bisection(
        folder=PLACE,
        good="the folder's own pins",
        bad="today.txt",
        differing=2,
        outcome="found",
        reason=OTHER.reason,
        tried=(BEFORE, AFTER),
        relative=1e-6,
        culprits=(culprit,),
    )


def revived() -> Revival:
    return Revival(
        old=PLACE,
        path=Path(f"{PLACE}-revived"),
        as_of="2021-06-30T00:00:00Z",
        python="3.8.18",
        pins=("a==1",),
        rules=(
            AppliedRule("wheel", "no wheel of it is for Python 3.9", "regex 1 -> 2"),
            AppliedRule("date", "as you say"),
        ),
        verdict=SAME,
        written=False,
        notes=("the types are guessed",),
    )


def packed() -> PackedEnvironment:
    return PackedEnvironment(
        file=PLACE / "churn.pack.tar.gz",
        sha256="0" * 64,
        python="3.12",
        with_python=False,
        platform="linux/amd64",
        glibc=(2, 28),
        pins=("a==1",),
        bytes=900_000,
        unpacked=3_500_000,
        verdict=SAME,
    )


def exported() -> Exported:
    return Exported(
        format="uv",
        place=PLACE / "pyproject.toml",
        files=(PLACE / "pyproject.toml", PLACE / "uv.lock"),
        python="3.12",
        pins=("a==1",),
        unexpressed=("the release of Python",),
        notes=("it reads the model",),
        command=f"uv run --project '{PLACE}' python",
    )


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What commands report, made by them where that needs no run and no index."""
    root = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELENV_STATE_DIR", str(root / "state"))
        fleet = Fleet(root / "some models")
        first, _ = fleet.many(2)
        (fleet.root / "no model").mkdir()
        (fleet.root / "no model" / "MLmodel").write_text("flavors: [")
        grave: dict[str, Any] = {"database_specific": {"severity": "HIGH"}}
        said = put(root / "osv", advisory(below("99"), summary="reads too much", **grave))
        audit = modelenv.audit_model(first, advisories=said)
        with trace() as observed:
            import wave  # noqa: F401  # traced

            (root / "data.txt").write_text("x")
        return [
            audit,
            replace(audit, vulnerable=(), ignored=audit.vulnerable),
            modelenv.audit_fleet(fleet.root, advisories=said),
            modelenv.audit_fleet(fleet.root),
            modelenv.inspect_fleet(fleet.root),
            *migrate_channels(fleet.root, old="conda-forge", new="own", dry_run=True),
            exported(),
            revived(),
            replace(revived(), written=True, locked=True),
            upgraded(),
            replace(upgraded(), best=None, written=False),
            bisected(),
            replace(bisected(), culprits=(), outcome="same", reason=SAME.reason),
            packed(),
            replace(packed(), verdict=None, with_python=True, glibc=None),
            FilesPredicted(
                output=str(PLACE), rows=1200, parts=2, refused=3, refused_file="r.jsonl"
            ),
            BuildContext(path=PLACE, plan=a_plan(packages=(GOMP,)), left_out=("notes.txt",)),
            BuiltImage(
                name="churn:1",
                engine="podman",
                plan=a_plan(needs=("mount /data, which the model reads",)),
                verdict="reproduces",
                reason=SAME.reason,
            ),
            Production(file=PLACE / "log.json", found=(FAILS,)),
            Production(
                file=PLACE / "log.json",
                lesser=(Finding(kind="modules", name="a.b", weight="optional"),),
            ),
            Production(file=PLACE / "log.json", is_recorded=False),
            ShownTrace(observed.trace, is_tree=False),
            ShownTrace(observed.trace, is_tree=True),
        ]


@pytest.mark.parametrize("width", [40, 60, 120])
def test_a_page_says_what_the_plain_text_says(values: list[Any], width: int) -> None:
    for value in values:
        seen = set(WORDS.findall(drawn(page_of(value), width)))
        plain = set(WORDS.findall(str(value)))
        assert plain - seen - GLUE == set(), type(value)


def test_a_quiet_pipe_gets_the_first_line_of_the_plain_text(values: list[Any]) -> None:
    for value in values:
        if not isinstance(value, ShownTrace):  # which goes to standard error
            assert str(page_of(value)[0]) == str(value).split("\n")[0], type(value)


def test_a_path_with_spaces_stays_on_one_line(values: list[Any]) -> None:
    for value in values:
        if str(PLACE) in str(value):
            assert str(PLACE) in drawn(page_of(value), 40), type(value)


def test_each_has_a_page_of_its_own(values: list[Any]) -> None:
    for value in values:
        blocks = page_of(value)
        assert not any(isinstance(each, Facts) and "\n" in each.items[0] for each in blocks)
        kinds = {type(each) for each in blocks}
        assert len(kinds) > 1 or len(blocks) == 1, type(value)


def test_the_gravest_is_red_and_what_mends_it_can_be_copied(values: list[Any]) -> None:
    page = page_of(values[0])
    (known,) = (each for each in page if isinstance(each, RowTable))
    assert (known.title, known.tones) == ("what is known", ("bad",))
    (way,) = (each for each in page if isinstance(each, Command))
    assert way.words.startswith("modelenv upgrade -m ")
    assert way.words in drawn(page, 20)


def test_lists_are_tables() -> None:
    line = "0451b2939ee2  3.2 MB, used 2026-11-30 01:29 UTC, 2 distributions by uv"
    kept = drawn(page_of(KeptEnvironments((line, line), "2 environments, 6.4 MB")), 40)
    assert kept.startswith("2 environments, 6.4 MB\n  0451b2939ee2  3.2 MB, used")
    sections = (("ME0001", "OneError", "One is\nwrong. Mend it."), ("ME0002", "TwoError", "Two."))
    both = drawn(page_of(ExplainedErrors(sections)), 80)
    assert "  ME0001  OneError  One is wrong\n  ME0002  TwoError  Two\n" in both
    one = drawn(page_of(ExplainedErrors(sections[:1])), 80)
    assert one == "ME0001 OneError\n\nOne is wrong. Mend it."


def test_files_that_disagree_are_one_part_of_a_page(tmp_path: Path) -> None:
    folder = Fleet(tmp_path).add("churn", ["alpha==1.0"])
    list_ = folder / "requirements.txt"
    list_.write_text(list_.read_text() + "".join(f"beta{each}==1.0\n" for each in range(30)))
    found = modelenv.inspect_model(folder)
    (told,) = [
        each
        for each in page_of(found)
        if isinstance(each, Facts) and each.title == "the files disagree"
    ]
    assert told.items == found.disagreeing
    assert len(told.items) == 30
    assert (told.tone, told.folds) == ("bad", True)
    screen = Screen(width=100, colours=False, unicode=True)
    assert Pen(screen, str, verbose=False).draw(page_of(found)).count("is missing in") == 3
