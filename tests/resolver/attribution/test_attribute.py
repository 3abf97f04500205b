"""From modules to distributions: kinds, evidence, first-party code."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import Evidence, FirstParty, Installed, MetadataError, attribute


@dataclass(frozen=True)
class Seen:
    """What a trace says of one module."""

    name: str
    file: str | None
    importer: str | None = None
    importer_file: str | None = None
    line: int | None = None
    loaded: bool = True
    phase: str = ""
    how: str = "imported"


class Traced:
    """Write a trace as `module <- importer`, over the packages of a world."""

    def __init__(self, world):
        self.world = world
        self.app = world.folder("app")

    def file(self, module):
        return str(self.world.site / module.replace(".", "/") / "__init__.py")

    def seen(self, module, by=None, line=1, **values):
        importer_file = self.file(by) if by else None
        return Seen(module, self.file(module), by, importer_file, line if by else None, **values)

    def by_model(self, module, line=3, **values):
        model = str(self.app / "model.py")
        return Seen(module, self.file(module), "model", model, line, **values)

    def kinds(self, *records, **values):
        found = self.attribute(*records, **values).distributions
        return {each.distribution.name: each.kind for each in found}

    def attribute(self, *records, **values):
        here = self.world.installed(self.app, self.world.site)
        return attribute(records, here, stdlib=[str(self.world.stdlib)], **values)


@pytest.fixture
def traced(world):
    return Traced(world)


def evidence(attribution, name):
    (found,) = [each for each in attribution.distributions if each.distribution.name == name]
    return [str(each) for each in found.evidence]


def test_the_program_that_the_model_starts_is_direct(world, traced):
    world.add("a", files={"a/__init__.py": "", "../../bin/a": ""})
    program = os.path.normpath(world.site / "../../bin/a")
    assert traced.kinds(Seen("a", program, how="program")) == {"a": "direct"}


def test_what_the_model_imports_is_direct(world, traced):
    world.add("a")
    world.add("b")
    found = traced.attribute(traced.seen("a"), traced.by_model("b", line=7))
    assert [each.kind for each in found.distributions] == ["direct", "direct"]
    assert evidence(found, "a") == ["the model"]
    assert evidence(found, "b") == ["model.py:7"]
    assert found.of_kind("direct") == found.distributions
    assert found.of_kind("input", "optional") == ()


def test_what_stands_in_for_the_standard_librarys_is_optional(world, traced):
    """As setuptools does with distutils, where Python has one."""
    world.add("shim", files={"json/__init__.py": "", "wholly/__init__.py": ""})
    seen = [traced.by_model("json"), traced.by_model("json", how="called", phase="predict")]
    assert traced.kinds(*seen) == {"shim": "direct"}
    (world.stdlib / "json").mkdir()
    (world.stdlib / "json" / "__init__.py").touch()
    (found,) = traced.attribute(*seen).distributions
    assert (found.kind, found.called) == ("optional", None)
    assert evidence(traced.attribute(*seen), "shim") == ["model.py:3"]
    assert traced.kinds(*seen, traced.by_model("wholly")) == {"shim": "direct"}


def test_what_only_the_example_needed_is_input(world, traced):
    world.add("pandas")
    world.add("numpy")
    kinds = traced.kinds(
        traced.seen("pandas", phase="input"),
        traced.seen("numpy", phase="input"),
        traced.seen("numpy", phase="predict"),
    )
    assert kinds == {"pandas": "input", "numpy": "direct"}


def test_a_dependency_by_metadata_is_declared(world, traced):
    world.add("a", requires=["b"])
    world.add("b", requires=["c; python_version > '3'"])
    world.add("c")
    kinds = traced.kinds(traced.seen("a"), traced.seen("b", by="a"), traced.seen("c", by="b"))
    assert kinds == {"a": "direct", "b": "declared", "c": "declared"}


def test_a_dependency_of_what_was_needed_only_for_the_example_is_declared(world, traced):
    world.add("a", requires=["b"])
    world.add("b")
    kinds = traced.kinds(traced.seen("a", phase="input"), traced.seen("b", by="a"))
    assert kinds == {"a": "input", "b": "declared"}


def test_a_dependency_whose_marker_is_false_is_not_declared(world, traced):
    world.add("a", requires=["b; sys_platform == 'win32'", "c; extra == 'c'"])
    world.add("b")
    world.add("c")
    kinds = traced.kinds(traced.seen("a"), traced.seen("b", by="a"), traced.seen("c", by="a"))
    assert kinds == {"a": "direct", "b": "optional", "c": "optional"}


def test_an_extra_that_is_asked_for_declares_what_it_needs(world, traced):
    world.add("a", requires=["B_b[Plot]"])
    world.add("b-b", requires=["c; extra == 'plot'", "d; extra == 'other'"], files=["b/x.py"])
    world.add("c")
    world.add("d")
    kinds = traced.kinds(traced.seen("a"), traced.seen("c", by="a"), traced.seen("d", by="a"))
    assert kinds == {"a": "direct", "c": "declared", "d": "optional"}


def test_cycles_and_what_is_missing_end_the_walk(world, traced):
    world.add("a", requires=["b[x]", "missing"])
    world.add("b", requires=["a", "b[x]; extra == 'x'"])
    kinds = traced.kinds(traced.seen("a"), traced.seen("b", by="a"))
    assert kinds == {"a": "direct", "b": "declared"}


def test_what_a_library_probes_for_is_optional_with_its_first_evidence(world, traced):
    world.add("sklearn")
    world.add("pandas")
    world.add("pyarrow")
    found = traced.attribute(
        traced.seen("sklearn"),
        traced.seen("pandas", by="sklearn", line=19),
        traced.seen("pyarrow", by="pandas", line=9),
    )
    assert [each.distribution.name for each in found.of_kind("optional")] == ["pandas", "pyarrow"]
    assert evidence(found, "pandas") == ["sklearn/__init__.py:19"]
    assert evidence(found, "pyarrow") == ["pandas/__init__.py:9"]
    assert found.distributions[0].evidence == (
        Evidence("pandas", "sklearn", "sklearn/__init__.py", 19),
    )


def test_evidence_is_a_few_places_and_never_an_edge_to_itself(world, traced):
    world.add("a", files=["a/__init__.py", "a/b/__init__.py"])
    world.add("c")
    edges = [traced.seen("a", by="c", line=line) for line in (5, 5, 2, 9, 1)]
    found = traced.attribute(traced.seen("c"), *edges, traced.seen("a.b", by="a", line=4))
    assert evidence(found, "a") == [f"c/__init__.py:{line}" for line in (5, 2, 9)]
    assert [each.modules for each in found.distributions] == [2, 1]


def test_what_the_pickle_names_is_direct_even_if_it_was_not_imported(world, traced):
    world.add("a", files=["a/__init__.py", "a/models.py", "a/_fast.cpython-311.so"])
    world.add("b")
    world.add("c")
    found = traced.attribute(
        traced.seen("b"),
        traced.seen("c", by="b"),
        named=["a._fast.Tree", "a.models", "c", "nowhere.x"],
    )
    kinds = {each.distribution.name: (each.kind, each.modules) for each in found.distributions}
    assert kinds == {"a": ("direct", 0), "b": ("direct", 1), "c": ("direct", 1)}
    assert found.of_kind("direct")[0].evidence == (
        Evidence("a._fast.Tree", None, None, None),
        Evidence("a.models", None, None, None),
    )


def test_what_the_example_is_made_of_is_its_own_whoever_imported_it_first(world, traced):
    world.add("a")
    world.add("b")
    world.add("c")
    found = traced.attribute(
        traced.seen("a"),
        traced.seen("b", by="a"),
        traced.seen("c", by="a"),
        named=["a"],
        exemplified=["a", "b"],
    )
    kinds = {each.distribution.name: each.kind for each in found.distributions}
    assert kinds == {"a": "direct", "b": "input", "c": "optional"}
    assert found.of_kind("input")[0].evidence == (Evidence("b", None, None, None),)


def test_who_called_an_optional_distribution_is_told_and_changes_no_kind(world, traced):
    for name in ("a", "b", "c"):
        world.add(name)
    records = [traced.by_model("a"), traced.seen("b", by="a"), traced.seen("c", by="a")]
    calls = [traced.seen("b", by="a", line=7, how="called"), traced.by_model("a", how="called")]
    found = traced.attribute(*records, *calls).distributions
    assert {each.distribution.name: each.kind for each in found} == {
        "a": "direct",
        "b": "optional",
        "c": "optional",
    }
    a, b, c = (each.called for each in found)
    assert b == Evidence("b", "a", "a/__init__.py", 7)
    assert a is not None
    assert a.importer == "model"
    assert c is None


def test_what_a_distribution_calls_of_its_own_does_not_call_it(world, traced):
    world.add("a", files=["a/__init__.py", "inside/__init__.py"])
    (found,) = traced.attribute(
        traced.by_model("a"), traced.seen("inside", by="a", how="called")
    ).distributions
    assert found.called is None


def test_one_that_nobody_was_seen_to_import_but_that_was_called_is_optional(world, traced):
    world.add("a")
    world.add("b")
    thread = Seen("b", traced.file("b"), "threading", str(world.stdlib / "threading.py"), 1)
    by_thread = replace(thread, how="called")
    found = traced.attribute(traced.by_model("a"), by_thread).distributions
    assert [(each.kind, each.called is not None) for each in found] == [
        ("direct", False),
        ("optional", True),
    ]
    by_block = replace(by_thread, importer=None, importer_file=None, line=None)
    assert traced.kinds(traced.by_model("a"), by_block) == {"a": "direct", "b": "optional"}


def test_the_pickle_names_more_than_is_shown(world, traced):
    world.add("a", files=[f"a/m{number}.py" for number in range(5)])
    found = traced.attribute(named=[f"a.m{number}" for number in range(5)])
    assert [each.name for each in found.distributions[0].evidence] == ["a.m0", "a.m1", "a.m2"]


def test_failed_imports_attribute_nothing(world, traced):
    world.add("a")
    assert traced.kinds(traced.seen("a", loaded=False)) == {}


def test_modules_without_a_file_attribute_nothing(world, traced):
    assert traced.attribute(Seen("google", None), Seen("sys", None)).distributions == ()


def test_code_that_is_nobodys_is_first_party(world, traced):
    code = world.file("helpers/text.py", site=traced.app)
    loose = world.file("loose.py")
    found = traced.attribute(
        Seen("helpers.text", code), Seen("loose", loose), Seen("__main__", code), named=["loose"]
    )
    assert found.first_party == (FirstParty("helpers.text", code), FirstParty("loose", loose))


def test_named_first_party_code_is_found_on_the_path(world, traced):
    code = world.file("helpers/__init__.py", site=traced.app)
    found = traced.attribute(named=["helpers.Scaler"])
    assert found.first_party == (FirstParty("helpers", code),)


def test_the_standard_library_is_neither_and_asks_for_nothing(world, traced):
    world.add("a")
    pickle = world.file("pickle.py", site=world.stdlib)
    found = traced.attribute(
        Seen("pickle", pickle), Seen("a", traced.file("a"), "pickle", pickle, 3)
    )
    assert found.first_party == ()
    assert [each.kind for each in found.distributions] == ["optional"]
    assert evidence(found, "a") == []


def test_site_packages_below_the_standard_library_are_not_part_of_it(world, traced):
    site = world.folder("stdlib/site-packages")
    world.add("a", site=site)
    here = world.installed(site)
    records = [Seen("a", str(site / "a/__init__.py")), Seen("b", str(site / "b.py"))]
    found = attribute(records, here, stdlib=[str(world.stdlib)])
    assert [each.distribution.name for each in found.distributions] == ["a"]
    assert found.first_party == (FirstParty("b", str(site / "b.py")),)


def test_a_symlinked_standard_library_is_one(world, traced):
    link = world.root / "link"
    link.symlink_to(world.stdlib)
    file = world.file("json.py", site=world.stdlib)
    here = world.installed()
    assert attribute([Seen("json", file)], here, stdlib=[str(link)]).first_party == ()
    through = [Seen("json", str(link / "json.py"))]
    assert attribute(through, here, stdlib=[str(world.stdlib)]).first_party == ()


def test_code_made_by_exec_speaks_for_its_module(world, traced):
    world.add("a")
    world.add("b")
    made = Seen("b", traced.file("b"), "a.made", "<string>", 1)
    assert traced.kinds(traced.seen("a"), made) == {"a": "direct", "b": "optional"}
    typed = Seen("b", traced.file("b"), "__main__", "<stdin>", 1)
    assert traced.kinds(typed) == {"b": "direct"}
    frozen = Seen("b", traced.file("b"), "zipimport", "<frozen zipimport>", 1)
    assert traced.kinds(frozen) == {"b": "optional"}


def test_a_module_that_appeared_was_asked_for_by_nobody(world, traced):
    world.add("a")
    assert traced.kinds(traced.seen("a", how="appeared")) == {"a": "optional"}


def test_several_owners_of_a_module_are_all_attributed(world, traced):
    world.add("mlflow", files=["mlflow/__init__.py"])
    world.add("mlflow-skinny", files=["mlflow/__init__.py"])
    assert traced.kinds(traced.seen("mlflow")) == {"mlflow": "direct", "mlflow-skinny": "direct"}


def test_of_two_of_one_name_the_one_that_ran_is_taken(world, traced):
    user = world.folder("user")
    world.add("a", "1.0")
    world.add("a", "2.0", site=user)
    here = world.installed(world.site, user)
    found = attribute([Seen("a", str(user / "a/__init__.py"))], here)
    assert [str(each.distribution.version) for each in found.distributions] == ["2.0"]


def test_code_of_an_editable_project_is_first_party(world, traced):
    project = world.folder("project")
    code = world.file("mine/__init__.py", site=project)
    world.add(
        "mine",
        files={"__editable__.mine-1.0.pth": str(project)},
        direct_url={"url": project.as_uri(), "dir_info": {"editable": True}},
    )
    here = world.installed(world.site, project)
    found = attribute([Seen("mine", code)], here, stdlib=[str(world.stdlib)])
    mine = here.get("mine")
    assert found.first_party == (FirstParty("mine", code, mine),)
    assert mine.editable == str(project)


def test_a_broken_requirement_of_what_ran_is_an_error_with_its_address(world, traced):
    world.add("a", requires=["b >> 3"])
    with pytest.raises(MetadataError, match=r"a-1\.0\.dist-info.METADATA: Requires-Dist: 'b >> 3'"):
        traced.attribute(traced.seen("a"))


def test_broken_metadata_of_what_did_not_run_does_not_matter(world, traced):
    world.add("a")
    world.add("broken", requires=["b >> 3"], direct_url={})
    assert traced.kinds(traced.seen("a")) == {"a": "direct"}


NAMES = ("a", "b", "c", "d")
ASKERS = st.sampled_from((None, *NAMES))
EDGES = st.lists(
    st.tuples(st.sampled_from(NAMES), ASKERS, st.sampled_from(("", "input", "predict"))),
    max_size=12,
)


@pytest.fixture(scope="module")
def chain(lasting_world):
    """Four packages: a needs b, b needs c; d is needed by nobody."""
    world = lasting_world
    world.add("a", requires=["b"])
    world.add("b", requires=["c"])
    world.add("c")
    world.add("d")
    return Traced(world)


@given(edges=EDGES, seed=st.randoms(use_true_random=False))
def test_kinds_do_not_depend_on_the_order_of_the_imports(chain, edges, seed):
    """DESIGN: direct, input, declared and optional follow from the edges, not from their order."""
    records = [chain.seen(module, by=by, phase=phase) for module, by, phase in edges]
    before = chain.kinds(*records)
    assert list(before) == sorted({module for module, _, _ in edges})
    seed.shuffle(records)
    assert chain.kinds(*records) == before


@given(edges=EDGES)
def test_direct_is_exactly_what_the_model_asked_for_outside_of_the_input(chain, edges):
    """DESIGN: direct, imported by the model's own code; input, only while the example loads."""
    kinds = chain.kinds(*(chain.seen(m, by=by, phase=phase) for m, by, phase in edges))
    asked = {(module, phase == "input") for module, by, phase in edges if by is None}
    direct = {module for module, of_input in asked if not of_input}
    assert {name for name, kind in kinds.items() if kind == "direct"} == direct
    assert {name for name, kind in kinds.items() if kind == "input"} == {
        module for module, _ in asked
    } - direct


def test_what_runs_here_is_attributed():
    names = ["sklearn.linear_model", "numpy", "yaml", "pandas", "click", "json"]
    records = [Seen(name, importlib.import_module(name).__file__) for name in names]
    sklearn = sys.modules["sklearn"].__file__
    assert sklearn is not None
    probe = Path(sklearn).parent / "utils" / "fixes.py"
    pandas = Seen("pandas", records[3].file, "sklearn.utils.fixes", str(probe), 19)
    records[3] = pandas
    found = attribute(records, Installed.current())
    kinds = {each.distribution.name: each.kind for each in found.distributions}
    assert kinds == {
        "click": "direct",
        "numpy": "direct",
        "pandas": "optional",
        "pyyaml": "direct",
        "scikit-learn": "direct",
    }
    assert evidence(found, "pandas") == ["sklearn/utils/fixes.py:19"]
    assert found.first_party == ()
    assert attribute([Seen("os", os.__file__)], Installed.current()).first_party == ()
