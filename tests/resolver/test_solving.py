"""The main job: from requirements to pins, with what is installed and with other sources."""

from __future__ import annotations

import time
from typing import TypeAlias

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from resolver import ConflictError, Installed, ResolverError, merge, resolve
from resolver.errors import BrokenMetadataError, MovedError, UndecidedError
from resolver.search.backjump_search import search
from resolver.search.universe import Universe

from .memory_source import MemorySource

Packages: TypeAlias = "dict[str, dict[str, list[str]]]"


def answer(world, *lines, traced=(), universe=None, constraints=None, **options):
    """Resolve lines in a world without an index."""
    installed = world.installed()
    requirements = merge(
        [installed.get(name) for name in traced],
        extra_pip_requirements=list(lines),
        constraints=constraints,
        target=installed.target,
    )
    sources = [MemorySource(universe)] if isinstance(universe, dict) else universe or []
    return resolve(requirements, installed, sources=sources, index="never", **options)


def pins(resolution):
    return [str(pin.requirement) for pin in resolution.pins]


@pytest.fixture
def sklearn(world):
    """scikit-learn and what it needs, as installed."""
    world.add(
        "scikit-learn", "1.9", requires=["numpy>=1.24", "scipy>=1.10", 'pandas; extra == "docs"']
    )
    world.add("scipy", "1.17", requires=["numpy<2.7,>=1.26"])
    world.add("numpy", "2.4")
    world.add("pandas", "3.1", requires=["numpy>=1.26"])
    return world


# From what is installed


def test_the_closure_of_what_was_traced_is_pinned_as_it_is_installed(sklearn):
    found = answer(sklearn, traced=["scikit-learn"])
    assert pins(found) == ["numpy==2.4", "scikit-learn==1.9", "scipy==1.17"]
    assert [(pin.root, pin.via, pin.source) for pin in found.pins] == [
        (False, ("scikit-learn", "scipy"), "installed"),
        (True, (), "installed"),
        (False, ("scikit-learn",), "installed"),
    ]
    assert (found.moves, found.notes) == ((), ())


def test_an_extra_brings_what_it_needs_and_is_part_of_the_pin(sklearn):
    sklearn.add("scikit-learn", "1.9", requires=['pandas; extra == "docs"'], extras=["docs"])
    found = answer(sklearn, "scikit-learn[docs]", traced=["scikit-learn"])
    assert pins(found) == ["numpy==2.4", "pandas==3.1", "scikit-learn[docs]==1.9"]
    assert found.get("Scikit_Learn").via == ("extra_pip_requirements[0]: scikit-learn[docs]",)


def test_an_extra_that_does_not_exist_is_noted(sklearn):
    found = answer(sklearn, "numpy[fast]")
    assert found.notes == ("numpy 2.4 has no extra fast; asking for it adds nothing",)


def test_all_violations_are_reported_at_once(sklearn):
    with pytest.raises(ConflictError) as caught:
        answer(sklearn, "numpy<2", "nowhere", "pandas>=4", traced=["scikit-learn"])
    said = str(caught.value)
    assert "numpy: extra_pip_requirements[0] asks for numpy<2" in said
    assert "nowhere: extra_pip_requirements[1] asks for nowhere. It is not installed" in said
    assert "pandas: extra_pip_requirements[2] asks for pandas>=4" in said


def test_a_requirement_that_is_not_installed_names_who_wanted_it_and_the_way_out(world):
    world.add("a", requires=["b"])
    world.add("b", requires=["c>=2"])
    with pytest.raises(ConflictError) as caught:
        answer(world, traced=["a"])
    assert str(caught.value).splitlines()[1:] == [
        "- c: b 1.0 requires c>=2 (a 1.0 requires b, the trace ran with a==1.0). "
        "It is not installed, and no other source has it.",
        'Install c here, or resolve with index="auto".',
    ]


def test_an_environment_that_is_not_there_yet_has_nothing_that_could_be_installed(world):
    nothing = Installed((), world.target())
    asked = merge([], pip_requirements=["c"], target=nothing.target)
    with pytest.raises(ConflictError) as caught:
        resolve(asked, nothing, sources=(), index="never")
    assert "asks for c. No source has it." in str(caught.value)


def test_what_ran_although_its_metadata_contradicts_itself_is_pinned_with_a_note(world):
    world.add("numba", "0.60", requires=["numpy<2.3"])
    world.add("numpy", "2.4")
    for walk in (True, False):
        found = answer(world, traced=["numba", "numpy"], walk=walk)
        assert pins(found) == ["numba==0.60", "numpy==2.4"]
        (note,) = found.notes
        assert note.startswith(
            "numba 0.60 requires numpy<2.3, but it ran with numpy 2.4: pip refuses"
        )
        assert "pip install --no-deps" in note


def test_a_line_that_asks_for_another_version_ends_the_tolerance(world):
    world.add("numba", "0.60", requires=["numpy<2.3"])
    world.add("numpy", "2.4")
    universe: Packages = {"numpy": {"2.2": [], "2.3": [], "2.5": []}}
    found = answer(world, "numpy>=2", traced=["numba", "numpy"], universe=universe)
    assert (pins(found), len(found.notes)) == (["numba==0.60", "numpy==2.4"], 1)
    found = answer(world, "numpy<2.4", traced=["numba", "numpy"], universe=universe)
    assert (pins(found), found.notes) == (["numba==0.60", "numpy==2.2"], ())
    with pytest.raises(ConflictError, match=r"numba 0.60 requires numpy<2.3"):
        answer(world, "numpy>=2.5", traced=["numba", "numpy"], universe=universe)


def test_what_ran_under_a_python_that_it_is_not_for_is_noted(world):
    world.add("old", requires_python="<3")
    assert "--ignore-requires-python" in answer(world, traced=["old"]).notes[0]


def test_a_dropped_line_is_noted(world):
    world.add("a")
    found = answer(world, 'a<1; python_version < "3"', traced=["a"])
    assert pins(found) == ["a==1.0"]
    assert found.notes[0].startswith("left out: extra_pip_requirements[0]")


def test_a_direct_reference_is_pinned_as_one_and_a_folder_of_this_machine_is_not(world):
    vcs = {"vcs": "git", "commit_id": "ab12", "requested_revision": "main"}
    world.add("a", direct_url={"url": "https://host/a.git", "vcs_info": vcs})
    world.add("b", direct_url={"url": "file:///build/b", "dir_info": {}})
    found = answer(world, traced=["b"])
    assert pins(found) == ["b==1.0"]
    for asked in ("git+https://host/a.git", "git+https://host/a.git@main"):
        assert pins(answer(world, f"a @ {asked}")) == [
            str(Requirement("a @ git+https://host/a.git@ab12"))
        ]
    with pytest.raises(ConflictError):
        answer(world, "a @ git+https://host/a.git@other")


# With other sources


def test_the_installed_version_is_chosen_where_it_satisfies_else_the_newest(sklearn):
    universe: Packages = {"scipy": {"1.18": []}, "requests": {"2.0": [], "3.0": [], "4.0a1": []}}
    found = answer(sklearn, "scipy>1", "requests", universe=universe)
    assert pins(found) == ["numpy==2.4", "requests==3.0", "scipy==1.17"]
    assert found.get("requests").source == "memory"


def test_a_move_is_listed_with_the_line_and_strict_refuses_it(sklearn):
    universe: Packages = {"numpy": {"2.3": [], "1.0": []}}
    found = answer(sklearn, "numpy<2.4", traced=["scikit-learn"], universe=universe)
    assert pins(found) == ["numpy==2.3", "scikit-learn==1.9", "scipy==1.17"]
    assert list(map(str, found.moves)) == [
        "numpy 2.4 -> 2.3, because extra_pip_requirements[0]: numpy<2.4"
    ]
    with pytest.raises(MovedError, match=r"numpy 2.4 -> 2.3[^$]*\nChange the lines that move it"):
        answer(sklearn, "numpy<2.4", traced=["scikit-learn"], universe=universe, strict=True)


def test_a_move_through_others_is_traced_back_to_the_line(world):
    world.add("a", requires=["b"])
    world.add("b", requires=["c"])
    world.add("c")
    universe: Packages = {"b": {"2.0": ["c>=2"]}, "c": {"2.0": []}}
    found = answer(world, "b>=2", traced=["a"], universe=universe)
    assert pins(found) == ["a==1.0", "b==2.0", "c==2.0"]
    assert found.moves[1].because == (
        "b 2.0 requires c>=2, and b moved because extra_pip_requirements[0]: b>=2"
    )


def test_a_constraint_can_move_too(world):
    world.add("a", requires=["b"])
    world.add("b", "2.0")
    found = answer(world, traced=["a"], constraints=["b<2"], universe={"b": {"1.0": []}})
    assert found.moves[0].because == "constraints[0]: b<2"


def test_a_traced_version_keeps_its_place_and_the_advice_is_to_give_it_a_line(sklearn):
    universe: Packages = {"scikit-learn": {"1.8": ["numpy<2"]}, "numpy": {"1.20": []}}
    with pytest.raises(ConflictError) as caught:
        answer(sklearn, "numpy<1.24", traced=["scikit-learn"], universe=universe)
    said = str(caught.value)
    assert "scikit-learn 1.9 requires numpy>=1.24 (the trace ran with scikit-learn==1.9)" in said
    assert "Change or drop: extra_pip_requirements[0]: numpy<1.24." in said
    assert (
        "Tried and enough: let scikit-learn move: with a line of its own, scikit-learn, in "
        "extra_pip_requirements it becomes scikit-learn 1.8." in said
    )
    found = answer(
        sklearn, "numpy<1.24", "scikit-learn>1", traced=["scikit-learn"], universe=universe
    )
    assert pins(found) == ["numpy==1.20", "scikit-learn==1.8"]


def test_a_pre_release_is_taken_only_where_no_stable_version_fits(world):
    universe: Packages = {"a": {"1.0": [], "2.0rc1": []}}
    assert pins(answer(world, "a", universe=universe)) == ["a==1.0"]
    assert pins(answer(world, "a>1", universe=universe)) == ["a==2.0rc1"]


def test_an_installed_pre_release_is_as_good_as_any(world):
    world.add("a", "2.0rc1")
    assert pins(answer(world, "a", universe={"a": {"1.0": []}})) == ["a==2.0rc1"]


def test_a_yanked_version_is_taken_only_by_the_users_own_pin(world):
    source = MemorySource(
        {"a": {"1.0": [], "2.0": []}, "b": {"1.0": ["a==2.0"]}}, yanked=[("a", "2.0")]
    )
    assert pins(answer(world, "a", universe=[source])) == ["a==1.0"]
    assert pins(answer(world, "a==2.0", universe=[source])) == ["a==2.0"]
    with pytest.raises(ConflictError, match="withdrawn"):
        answer(world, "b", universe=[source])


def test_what_is_not_installed_must_be_for_the_python(world):
    source = MemorySource({"a": {"1.0": [], "2.0": []}}, requires_python={("a", "2.0"): ">=3.12"})
    assert pins(answer(world, "a", universe=[source])) == ["a==1.0"]
    with pytest.raises(ConflictError, match=r"Not 2.0: it is for Python >=3.12"):
        answer(world, "a>1", universe=[source])


def test_a_local_version_is_kept(world):
    world.add("torch", "2.5.1+cu121")
    assert pins(answer(world, traced=["torch"])) == ["torch==2.5.1+cu121"]


def test_sources_are_asked_in_their_order(world):
    first, second = MemorySource({"a": {"1.0": []}}), MemorySource({"a": {"1.0": [], "2.0": []}})
    assert pins(answer(world, "a", universe=[first, second])) == ["a==1.0"]
    assert pins(answer(world, "a>1", universe=[first, second])) == ["a==2.0"]


def test_what_is_installed_answers_before_any_source_is_asked(sklearn):
    class Closed:
        label = "closed"

        def candidates(self, name):
            raise AssertionError(name)

        metadata = candidates

    assert len(answer(sklearn, "numpy>1", traced=["scikit-learn"], universe=[Closed()]).pins) == 3


def test_a_candidate_with_broken_metadata_is_passed_over(world):
    universe: Packages = {"a": {"1.0": [], "2.0": ["not a requirement"]}}
    assert pins(answer(world, "a", universe=universe)) == ["a==1.0"]
    with pytest.raises(ConflictError, match="unusable metadata"):
        answer(world, "a>1", universe=universe)
    source = MemorySource(universe)
    with pytest.raises(BrokenMetadataError, match=r"a 2\.0"):
        source.metadata(source.candidates("a")[1])


def test_a_clash_names_who_wants_what_and_every_line(world):
    universe = {
        "a": {"1.0": ["c==1"]},
        "b": {"1.0": ["c==2"], "0.9": ["c==2"]},
        "c": {"1": [], "2": []},
    }
    with pytest.raises(ConflictError) as caught:
        answer(world, "a", "b", universe=universe)
    assert "a 1.0 requires c==1 (extra_pip_requirements[0] asks for a)" in str(caught.value)
    assert "b 1.0, 0.9 require c==2 (extra_pip_requirements[1] asks for b)" in str(caught.value)
    assert caught.value.advice[0] == (
        "Change or drop: extra_pip_requirements[0]: a, extra_pip_requirements[1]: b."
    )


def test_a_long_chain_of_names_is_no_recursion(world):
    universe = {f"n{i}": {"1": [f"n{i + 1}"], "2": [f"n{i + 1}"]} for i in range(1100)}
    universe["n1100"] = {"1": ["n0"]}
    assert len(answer(world, "n0", universe=universe).pins) == 1101


def test_a_search_that_is_given_up_says_so(world):
    installed = world.installed()
    requirements = merge([], pip_requirements=["a"], target=installed.target)
    universe = Universe(
        requirements, installed, [MemorySource({"a": {str(i): ["b"] for i in range(9)}, "b": {}})]
    )
    with pytest.raises(UndecidedError, match="after 5 candidates"):
        search(universe, universe.roots, limit=5)


def test_every_error_is_the_resolvers(world):
    with pytest.raises(ResolverError):
        answer(world, "nowhere")


def test_versions_are_versions(sklearn):
    assert answer(sklearn, traced=["numpy"]).get("numpy").version == Version("2.4.0")
    assert answer(sklearn, traced=["numpy"]).get("nowhere") is None


def test_what_moves_because_of_its_own_needs_says_so(world):
    world.add("a", requires=["b", "c"])
    world.add("b", requires=["c<2"])
    world.add("c")
    universe: Packages = {"b": {"2.0": ["c>=2"]}, "c": {"2.0": []}}
    found = answer(world, "c>=2", traced=["a"], universe=universe)
    assert pins(found) == ["a==1.0", "b==2.0", "c==2.0"]
    assert found.moves[0].because == (
        "b 1.0 requires c<2, and c moved because extra_pip_requirements[0]: c>=2"
    )


# Preferences


def test_the_newest_may_be_preferred_to_what_is_installed(world):
    world.add("a", "1.0", requires=["b"])
    world.add("b", "1.0")
    universe: Packages = {"b": {"1.5": [], "2.0": [], "3.0a1": []}, "a": {"0.9": ["b"]}}
    found = answer(world, "a", universe=universe, prefer="newest")
    assert [(str(pin.requirement), pin.source) for pin in found.pins] == [
        ("a==1.0", "installed"),
        ("b==2.0", "memory"),
    ]


def test_the_pins_of_a_lock_come_first_where_they_do(world):
    world.add("a", "1.0", requires=["b"])
    universe: Packages = {
        "a": {"2.0": ["b>=2"], "3.0": ["b"]},
        "b": {"1.0": [], "2.0": [], "3.0": []},
    }
    lock = answer(world, "a==2.0", "b==2.0", universe=universe).pins
    assert pins(answer(world, "a", universe=universe, preferences=lock)) == ["a==2.0", "b==2.0"]
    found = answer(world, "a>=3", universe=universe, preferences=lock)
    assert pins(found) == ["a==3.0", "b==2.0"]
    assert pins(answer(world, "a", universe=universe)) == ["a==1.0", "b==3.0"]


# What is wrong with metadata


def test_an_installed_requirement_that_cannot_be_read_is_noted_and_its_name_kept(world):
    world.add("a", requires=["b (>dev)", "c>=1", "gone (>dev)", 'x (>dev); extra == "z"'])
    world.add("b", "2.0")
    world.add("c", "1.0")
    found = answer(world, "a")
    assert pins(found) == ["a==1.0", "b==2.0", "c==1.0"]
    assert [note.partition(":")[0] for note in found.notes] == [
        "a 1.0 states a requirement that cannot be read ('b (>dev)')",
        "a 1.0 states a requirement that cannot be read ('gone (>dev)')",
    ]


# Why


def test_why_follows_the_shortest_chain_to_a_line(sklearn):
    found = answer(sklearn, "scipy", traced=["scikit-learn"])
    assert list(map(str, found.why("NumPy"))) == [
        "traced: scikit-learn==1.9",
        "scikit-learn requires numpy>=1.24",
    ]
    assert list(map(str, found.why("scipy"))) == ["extra_pip_requirements[0]: scipy"]
    assert found.why("nowhere") == ()
    assert [pin.name for pin in found.direct] == ["scikit-learn", "scipy"]
    again = type(found).from_json(found.to_json())
    assert again == found
    assert found.sizes(sklearn.installed())["numpy"] >= 0


# Explanations


def test_only_the_lines_that_contradict_each_other_are_told_and_what_was_tried(world):
    universe = {
        "a": {"1.0": ["b"], "2.0": ["b"]},
        "b": {"1.0": ["c<2"]},
        "c": {"1.0": [], "2.0": []},
        "other": {"1.0": []},
    }
    with pytest.raises(ConflictError) as caught:
        answer(world, "other", "a>1", "c>=2", universe=universe, constraints=["other<9"])
    said = str(caught.value)
    assert "other" not in said
    assert list(map(str, caught.value.edits)) == [
        "drop extra_pip_requirements[1]: a>1: it becomes no a",
        "let extra_pip_requirements[2]: c>=2 say c: it becomes c 1.0",
    ]


def test_a_constraint_that_is_in_the_way_is_named_and_dropping_it_was_tried(world):
    universe: Packages = {"a": {"1.0": [], "2.0": []}}
    with pytest.raises(ConflictError) as caught:
        answer(world, "a>=2", universe=universe, constraints=["a<2"])
    assert "drop constraints[0]: a<2: it becomes a 2.0" in str(caught.value)


def test_each_version_in_the_way_is_told_with_the_chain_that_leads_to_it(world):
    everything: Packages = {
        "a": {"1": ["b==1"], "3": ["b==3"]},
        "b": {"1": [], "2": [], "3": []},
        "c": {"1": ["a<2"], "2": ["a>=3"]},
    }
    wanted = merge([], pip_requirements=["b==2", "c"], target=world.target())
    with pytest.raises(ConflictError) as caught:
        resolve(wanted, world.installed(), sources=[MemorySource(everything)], index="never")
    (said,) = caught.value.sentences
    line = "pip_requirements[1] asks for c"
    assert f"a 1 requires b==1 (c 1 requires a<2, {line})" in said
    assert f"a 3 requires b==3 (c 2 requires a>=3, {line})" in said


def test_a_cycle_that_no_version_satisfies_is_told_as_any_other_clash(world):
    universe = {"a": {"1": ["b==2"]}, "b": {"2": ["a==2"]}}
    with pytest.raises(ConflictError, match=r"b 2 requires a==2"):
        answer(world, "a", universe=universe)


def test_what_cannot_be_read_moves_who_wants_it_and_nobody_else(world):
    universe: Packages = {name: {"1": [], "2": ["t"]} for name in "abc"}
    universe |= {"s": {"1": [], "2": ["q"], "3": ["q"]}, "t": {"1": []}}
    universe["q"] = {"1": ["not a requirement"], "2": ["nor this one"]}
    found = answer(world, "a", "b", "c", "s", universe=universe)
    assert pins(found) == ["a==2", "b==2", "c==2", "s==1", "t==1"]


# Conflicts with an override in them


def overridden(world, *, traced=(), **given):
    installed = world.installed()
    asked = merge([installed.get(name) for name in traced], target=installed.target, **given)
    with pytest.raises(ConflictError) as caught:
        resolve(asked, installed, index="never")
    return str(caught.value).splitlines()[1:]


def test_an_override_that_cannot_be_had_is_told_as_such_with_whom_it_overrules(world):
    world.add("a", requires=["numpy<3"])
    world.add("numpy", "2.4")
    assert overridden(world, traced=["a", "numpy"], overrides=["numpy>=5"])[:2] == [
        "- numpy: overrides[0] puts numpy>=5 in the place of what a 1.0, the trace asked for. "
        "It is to be had as 2.4 (installed).",
        "Change or drop: overrides[0]: numpy>=5.",
    ]


def test_what_a_line_said_before_it_was_overridden_is_not_put_into_its_mouth(world):
    world.add("numpy", "2.4")
    said = overridden(world, extra_pip_requirements=["numpy<3"], overrides=["numpy>=5"])
    assert "extra_pip_requirements[0] asks for numpy>=5" not in said[0]
    assert "overrides[0] puts numpy>=5 in the place of what extra_pip_requirements[0]" in said[0]


def test_a_chain_through_an_override_says_whose_word_it_is(world):
    world.add("a", requires=["numpy<2"])
    world.add("numpy", "2.4", requires=["absent"])
    said = overridden(world, traced=["a"], overrides=["numpy>=2"])
    assert said[0] == (
        "- absent: numpy 2.4 requires absent (a 1.0 requires numpy>=2 because overrides[0] says so,"
        " the trace ran with a==1.0). It is not installed, and no other source has it."
    )


class SlowSource(MemorySource):
    """Say what a candidate requires, after a while."""

    def metadata(self, candidate):
        time.sleep(0.02)
        return super().metadata(candidate)


def test_a_search_is_given_up_in_time_and_says_how_long_it_was_let_search(world):
    versions = {str(number): ["b==0"] for number in range(1, 2000)}
    source = SlowSource({"a": versions, "b": {"1": []}})
    began = time.monotonic()
    with pytest.raises(UndecidedError, match=r"no answer after 0 s and \d+ candidates; narrow"):
        answer(world, "a", universe=[source], timeout=0.2)
    assert time.monotonic() - began < 20  # all of them take twice that


def test_an_answer_that_was_found_in_time_is_told_however_long_that_takes(world):
    source = SlowSource({"a": {"1": ["b"]}, "b": {"1": []}})
    found = answer(world, "a", universe=[source], timeout=5.0)
    assert pins(found) == ["a==1", "b==1"]
