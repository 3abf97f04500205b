"""New lines win; other pins are kept where they can be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import Entry, EnvSpec
from modelenv.base.siblings import resolver
from modelenv.cli import main
from modelenv.pins.change.repin import repin
from modelenv.pins.pin_set import PinSet

from ...small_worlds import Links, wheels

__all__ = ["wheels"]


def pinned(lines: Sequence[str], *, constraints: tuple[str, ...] = ()) -> PinSet:
    """Return lines as the pins of a folder for this Python."""
    return PinSet(
        EnvSpec(
            python=resolver.Target.current().python_version,
            requirements=tuple(map(Entry, lines)),
            constraints=constraints,
        )
    )


@pytest.fixture
def world(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install some distributions and look at them offline."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)

    def installed(**distributions: tuple[str, list[str]]) -> resolver.Installed:
        for name, (version, requires) in distributions.items():
            site.install(name, version=version, requires=requires)
        return resolver.Installed([str(site.root)], resolver.Target.current())

    return installed


def test_an_override_replaces_a_pin_and_touches_no_other(world: Any) -> None:
    installed = world(base=("2.0", []), user=("1.0", ["base<2"]))
    new = repin(pinned(["base==1.0", "user==1.0"]), ["base==2.0"], installed)
    assert new.lines == ("base==2.0", "user==1.0")
    assert new.changes == {"base": "base==1.0 -> base==2.0"}


def test_what_is_added_brings_what_it_requires(world: Any) -> None:
    installed = world(base=("1.0", []), extra=("1.0", ["helper"]), helper=("3.0", []))
    new = repin(pinned(["base==1.0"]), ["extra"], installed)
    assert new.lines == ("base==1.0", "extra==1.0", "helper==3.0")
    assert new.changes == {"extra": "added extra==1.0", "helper": "added helper==3.0"}


def test_a_line_without_a_version_keeps_the_pin(world: Any) -> None:
    installed = world(base=("1.0", []))
    assert repin(pinned(["base==1.0"]), ["base"], installed).changes == {}


def test_what_an_addition_requires_moves_a_pin_only_where_it_must(world: Any) -> None:
    installed = world(base=("2.0", []), other=("2.0", []), extra=("1.0", ["base>=2"]))
    new = repin(pinned(["base==1.0", "other==2.0"]), ["extra"], installed)
    assert new.lines == ("base==2.0", "extra==1.0", "other==2.0")


def test_extras_of_a_pin_are_kept(world: Any) -> None:
    installed = world(base=("2.0", []))
    assert repin(pinned(["base[fast]==1.0"]), ["base==2.0"], installed).lines == (
        "base[fast]==2.0",
    )


def test_the_order_of_lines_does_not_matter(world: Any) -> None:
    installed = world(a=("1.0", []), b=("1.0", ["c"]), c=("1.0", []))
    pins = ["a==1.0"]
    assert repin(pinned(pins), ["b", "a==1.0"], installed) == repin(
        pinned(pins), ["a==1.0", "b"], installed
    )


def test_the_caller_s_lines_are_not_changed(world: Any) -> None:
    installed = world(base=("1.0", []))
    pins, lines = ["Base==1.0"], ["base"]
    repin(pinned(pins), lines, installed)
    assert (pins, lines) == (["Base==1.0"], ["base"])


def test_a_folder_s_constraints_hold(world: Any, tmp_path: Path) -> None:
    installed = world(base=("2.0", []))
    with pytest.raises(resolver.ResolverError):
        repin(pinned(["base==1.0"], constraints=("base<2",)), ["base==2.0"], installed)


def test_predicting_with_an_override_leaves_the_folder_as_it_is(
    project: Any, tmp_path: Path, own_site: Any
) -> None:
    own_site.install("yardstick", {"yardstick.py": "LENGTH = 3"}, version="1.0")
    model = project.model("import yardstick\nreturn yardstick.LENGTH")
    folder = tmp_path / "model"
    modelenv.save_model(model, folder, input_example=2)
    before = hashes(folder)
    own_site.install("helper", {"helper.py": ""}, version="2.0")

    assert modelenv.predict(folder, pip_requirements_override=["helper"]) == 3
    assert modelenv.verify(folder, pip_requirements_override=["helper==2.0"]).good
    assert hashes(folder) == before


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_parquet_is_an_input(project: Any, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    model = project.model("return float(data['a'].sum())")
    folder = tmp_path / "model"
    frame = pandas.DataFrame({"a": [1.0, 2.0]})
    modelenv.save_model(model, folder, input_example=frame)
    (frame * 2).to_parquet(tmp_path / "input.parquet")
    arguments = ["predict", "-m", str(folder), "-i", str(tmp_path / "input.parquet")]
    arguments += ["--pip-requirements-override", "pyarrow", "-o", str(tmp_path / "out.json")]
    main(arguments)
    assert json.loads((tmp_path / "out.json").read_text()) == {"predictions": 6.0}


def test_of_a_name_for_several_pythons_the_line_that_holds_is_changed(world: Any) -> None:
    installed = world(base=("2.0", []), user=("1.0", ["base"]))
    other = 'base==1.0; python_version < "3"'
    pins = pinned(['base==3.0; python_version >= "3"', other, "user==1.0"])
    new = repin(pins, ["base==2.0"], installed)
    assert new.lines == ('base==2.0; python_version >= "3"', "user==1.0")
    assert new.stated == (other, 'base==2.0; python_version >= "3"', "user==1.0")


class TestOpenList:
    """The lines of an open list are roots, and are resolved with what they require."""

    @pytest.fixture
    def here(self, world: Any) -> resolver.Installed:
        found: resolver.Installed = world(
            base=("1.0", ["deep"]), deep=("2.0", []), user=("1.0", ["deep>=2"]), tool=("3.0", [])
        )
        return found

    @staticmethod
    def opened(*lines: str, **further: Any) -> PinSet:
        return replace(pinned(lines, **further), closed=False)

    def test_its_closure_is_what_its_lines_lead_to(self, here: resolver.Installed) -> None:
        found = repin(self.opened("base==1.0"), (), here)
        assert found.lines == ("base==1.0", "deep==2.0")
        assert found.stated == ("base==1.0",)
        assert found.changes == {}

    def test_what_is_added_leaves_what_follows(self, here: resolver.Installed) -> None:
        found = repin(self.opened("base==1.0"), ["tool"], here)
        assert found.lines == ("base==1.0", "deep==2.0", "tool==3.0")
        assert found.stated == ("base==1.0", "tool==3.0")
        assert found.changes == {"tool": "added tool==3.0"}

    def test_an_override_counts_for_all_and_agreeing_lines_do_not(self, wheels: Links) -> None:
        for name, *requires in (("base", "deep"), ("user", "deep>=2"), ("deep",)):
            wheels.add(name, "1.0", *requires)
        here = resolver.Installed((), resolver.Target.current())
        found = repin(self.opened("base==1.0", "user==1.0"), ["deep==1.0"], here)
        assert found.lines == ("base==1.0", "deep==1.0", "user==1.0")
        with pytest.raises(resolver.ConflictError, match=r"user 1\.0 requires deep>=2"):
            repin(self.opened("base==1.0", "user==1.0"), ["deep==1.0"], here, agreeing=True)

    @pytest.mark.parametrize("agreeing", [True, False])
    def test_a_line_on_the_same_name_is_replaced(
        self, here: resolver.Installed, agreeing: bool
    ) -> None:
        opened = self.opened("base[fast]==9.0", "tool==3.0")
        found = repin(opened, ["base"], here, agreeing=agreeing)
        assert found.stated == ("base[fast]==1.0", "tool==3.0")

    def test_lines_for_other_pythons_stay_in_the_list(self, here: resolver.Installed) -> None:
        other = 'tool==9.0; python_version < "3"'
        found = repin(self.opened("base==1.0", other, "tool==3.0"), ["tool"], here)
        assert found.lines == ("base==1.0", "deep==2.0", "tool==3.0")
        assert found.stated == ("base==1.0", "tool==3.0", other)

    def test_what_is_installed_beside_it_is_in_its_closure(self, here: resolver.Installed) -> None:
        opened = replace(self.opened("base==1.0"), tools=("tool<4",))
        assert repin(opened, (), here).lines == ("base==1.0", "deep==2.0", "tool==3.0")
        assert repin(opened, ["tool==3.0"], here).stated == ("base==1.0", "tool==3.0")

    def test_its_constraints_hold_for_what_follows(self, wheels: Links) -> None:
        wheels.add("base", "1.0", "deep")
        for version in ("1.0", "2.0"):
            wheels.add("deep", version)
        nothing = resolver.Installed((), resolver.Target.current())
        found = repin(self.opened("base==1.0", constraints=("deep<2",)), (), nothing)
        assert found.lines == ("base==1.0", "deep==1.0")

    def test_what_is_installed_counts_where_it_is_enough_and_else_not(
        self, here: resolver.Installed, wheels: Links
    ) -> None:
        """A run of the folder is a replica, or an installer takes what is newest."""
        for name, version, *requires in (("base", "1.0", "deep"), ("deep", "3.0"), ("new", "1.0")):
            wheels.add(name, version, *requires)
        assert repin(self.opened("base==1.0"), (), here).lines == ("base==1.0", "deep==2.0")
        found = repin(self.opened("base==1.0", "new==1.0"), (), here)
        assert found.lines == ("base==1.0", "deep==3.0", "new==1.0")
