"""The pins for an old list, in a world of wheels: nothing is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from modelenv.base.siblings import resolver
from modelenv.pins.package_sources import PIP_CONFIGURATION
from modelenv.time.revival.choosing.pinning import OldList, OldPins, take_built, with_line
from modelenv.time.revival.reading.hints import Hint
from tests.small_worlds import Links, write_source


def old_list(*lines: str) -> OldList:
    return OldList(lines=lines, sources=PIP_CONFIGURATION)


def pinned(old: OldList) -> OldPins:
    return old.pinned(resolver.Target.current())


def pins(found: OldPins) -> list[str]:
    return [str(pin.requirement) for pin in found.resolution.pins]


def test_lines_that_can_be_met_stay_as_they_are(wheels: Links) -> None:
    wheels.add("alpha", "1.0", "beta")
    wheels.add("beta", "2.0")
    found = pinned(old_list("alpha==1.0"))
    assert pins(found) == ["alpha==1.0", "beta==2.0"]
    assert found.rules == ()
    assert found.is_as_stated


def test_a_pin_without_a_wheel_becomes_the_nearest_newer_stable_one(wheels: Links) -> None:
    write_source(wheels.folder, "alpha", "1.0")
    for version in ("0.9", "1.1rc1", "1.1", "1.2"):
        wheels.add("alpha", version)
    found = pinned(old_list("alpha==1.0"))
    assert pins(found) == ["alpha==1.1"]
    (rule,) = found.rules
    assert (rule.name, rule.change) == ("wheel", "alpha 1.0 -> 1.1")
    assert "no wheel of it is for Python" in rule.reason


@pytest.mark.parametrize("number", ["58.0.4.post20210920", "58.0.4+mkl"])
def test_a_number_of_a_builders_own_becomes_the_release(wheels: Links, number: str) -> None:
    wheels.add("alpha", "58.0.4")
    wheels.add("alpha", "59.0")
    found = pinned(old_list(f"alpha=={number}"))
    assert pins(found) == ["alpha==58.0.4"]
    assert found.rules[0].reason == "no index has that version"


def test_what_made_the_model_is_meant_where_lines_leave_it_open(wheels: Links) -> None:
    wheels.add("alpha", "1.0", "beta")
    wheels.add("alpha", "2.0", "beta")
    wheels.add("beta", "1.0")
    wheels.add("beta", "2.0")
    hints = {name: Hint(Version("1.0"), f"{name} says so") for name in ("alpha", "beta", "gamma")}
    found = pinned(replace(old_list("alpha>=1"), hints=hints))
    assert pins(found) == ["alpha==1.0", "beta==1.0"]
    assert [rule.name for rule in found.rules] == ["version", "version"]
    pinning = pinned(replace(old_list("alpha==2.0"), hints=hints))
    assert pins(pinning) == ["alpha==2.0", "beta==1.0"]


def test_what_is_meant_gives_way_where_it_cannot_be(wheels: Links) -> None:
    wheels.add("alpha", "1.0")
    found = pinned(replace(old_list("alpha"), hints={"alpha": Hint(Version("0.5"), "it says so")}))
    assert pins(found) == ["alpha==1.0"]
    assert found.rules == ()


def test_a_list_that_contradicts_itself_is_kept_as_it_stands_and_told(wheels: Links) -> None:
    wheels.add("alpha", "1.0", "beta>=2")
    wheels.add("beta", "1.0")
    wheels.add("beta", "2.0")
    found = pinned(old_list("alpha==1.0", "beta==1.0"))
    assert pins(found) == ["alpha==1.0", "beta==1.0"]
    (rule,) = found.rules
    assert rule.name == "list"
    assert "beta>=2" in rule.reason


def test_a_path_of_another_machine_becomes_the_newest_that_there_was(wheels: Links) -> None:
    wheels.add("alpha", "1.0")
    line = "alpha @ file:///opt/conda/conda-bld/alpha_1613502643832/work"
    found = pinned(old_list(line))
    assert pins(found) == ["alpha==1.0"]
    (rule,) = found.rules
    assert rule.change == f"{line} -> alpha<=1.0"
    assert "2021-02-16" in rule.reason
    undated = pinned(old_list("alpha @ file:///D:/bld/alpha/work"))
    assert undated.rules[0].change == "alpha @ file:///D:/bld/alpha/work -> alpha"


def test_the_name_of_a_file_of_another_machine_says_its_version(wheels: Links) -> None:
    wheels.add("alpha", "1.0")
    wheels.add("alpha", "1.1")
    for file in ("alpha-1.0-py3-none-any.whl", "alpha-1.0.tar.gz"):
        found = pinned(old_list(f"alpha @ file:///C:/Users/somebody/{file}"))
        assert pins(found) == ["alpha==1.0"]
        assert found.rules[0].change.endswith(" -> alpha==1.0")


def test_a_project_of_somebodys_own_is_no_distribution_of_an_index(wheels: Links) -> None:
    wheels.add("alpha", "1.0")  # a stranger's, of the same name
    line = "alpha @ file:///home/somebody/alpha"
    found = pinned(old_list(line))
    assert pins(found) == []
    assert [rule.change for rule in found.rules] == [f"without {line}"]
    assert "its release is unknown" in found.rules[0].reason


def test_what_conda_was_to_install_pip_does_if_it_is_a_distribution(wheels: Links) -> None:
    wheels.add("alpha", "1.5.3")
    wheels.add("alpha", "1.6")
    conda = (Requirement("alpha==1.5.*"), Requirement("libgomp"))
    found = pinned(replace(old_list(), conda=conda))
    assert pins(found) == ["alpha==1.5.3"]
    assert [rule.change for rule in found.rules] == ["alpha==1.5.*", "without libgomp"]


def test_what_cannot_be_had_at_all_is_refused(wheels: Links) -> None:
    wheels.add("alpha", "1.0")
    with pytest.raises(resolver.ConflictError, match="alpha"):
        pinned(old_list("alpha==3.0"))


def test_a_further_line_stands_in_the_place_of_that_on_its_name() -> None:
    old = with_line(old_list("Alpha==1.0", "beta"), "alpha<3")
    assert old.lines == ("beta", "alpha<3")


@pytest.mark.slow
def test_what_never_had_a_wheel_is_built_and_travels(wheels: Links, tmp_path: Path) -> None:
    pytest.importorskip("build")
    wheels.add("alpha", "1.0", "beta")
    write_source(wheels.folder, "beta", "1.0")
    found = pinned(old_list("alpha"))
    assert pins(found) == ["alpha==1.0", "beta==1.0"]
    assert "no version of it has a wheel" in found.rules[0].reason
    take_built(found.resolution, tmp_path / "wheels")
    assert [file.name for file in (tmp_path / "wheels").iterdir()] == ["beta-1.0-py3-none-any.whl"]
