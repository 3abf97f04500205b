"""The merge of what was traced with what the user says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver import Line, Lines, Origin, Target, merge
from resolver.errors import ContradictoryLinesError, RequirementsError, TooManyInputsError

TARGET = Target.current()


@dataclass(frozen=True)
class Ran:
    name: str
    version: Version


TRACED = (Ran("numpy", Version("2.4")), Ran("Scikit_Learn", Version("1.9")))


def merged(**inputs):
    return merge(TRACED, target=TARGET, **inputs)


def of_a_file(*texts):
    lines = (
        Line(Requirement(text), Origin("pip_requirements", f"r.txt:{number}", text))
        for number, text in enumerate(texts, 1)
        if text
    )
    return Lines(tuple(lines))


def asked(requirements):
    return [str(root.requirement) for root in requirements.roots]


def test_without_a_word_of_the_users_the_traced_versions_are_asked_for():
    found = merged()
    assert asked(found) == ["numpy==2.4", "scikit-learn==1.9"]
    assert [str(root.origin) for root in found.roots] == [
        "traced: numpy==2.4",
        "traced: scikit-learn==1.9",
    ]
    assert not any(root.by_user for root in found.roots)


def test_pip_requirements_replace_what_was_traced():
    found = merged(pip_requirements=["scipy", "numpy<3"])
    assert asked(found) == ["numpy<3", "scipy"]
    assert [root.traced for root in found.roots] == [Version("2.4"), None]
    assert [root.name for root in found.replaced] == ["numpy", "scikit-learn"]


def test_extra_pip_requirements_are_added_and_win_on_their_names():
    found = merged(extra_pip_requirements=["NumPy<2.4", "scipy"])
    assert asked(found) == ["numpy<2.4", "scikit-learn==1.9", "scipy"]
    assert [str(root.requirement) for root in found.replaced] == ["numpy==2.4"]
    assert found.roots[0].traced == Version("2.4")


def test_a_line_without_a_version_leaves_the_traced_pin_and_adds_its_extras():
    found = merged(extra_pip_requirements=["numpy[a]", "numpy[b]"])
    assert asked(found) == ["numpy[a,b]==2.4", "scikit-learn==1.9"]
    assert found.replaced == ()
    assert found.roots[0].by_user


def test_a_url_replaces_the_traced_pin():
    found = merged(extra_pip_requirements=["numpy @ https://host/numpy-2.0-py3-none-any.whl"])
    assert found.roots[0].requirement.url == "https://host/numpy-2.0-py3-none-any.whl"
    assert [root.name for root in found.replaced] == ["numpy"]


def test_a_url_and_a_specifier_on_one_name_both_hold():
    found = merged(pip_requirements=["a @ https://host/a-1-py3-none-any.whl", "a>=1"])
    assert [(bool(r.requirement.url), str(r.requirement.specifier)) for r in found.roots] == [
        (True, ""),
        (False, ">=1"),
    ]


def test_the_same_name_twice_is_the_intersection_with_both_origins():
    found = merged(extra_pip_requirements=["scipy>=1", "SciPy<2"])
    (root,) = (root for root in found.roots if root.name == "scipy")
    assert root.requirement.specifier == SpecifierSet(">=1,<2")
    assert sorted(map(str, root.origins)) == [
        "extra_pip_requirements[0]: scipy>=1",
        "extra_pip_requirements[1]: SciPy<2",
    ]


@pytest.mark.skipif(
    not hasattr(SpecifierSet, "is_unsatisfiable"), reason="packaging 26.2 can tell, older cannot"
)
def test_an_empty_intersection_shows_both_lines_and_where_they_stand():
    with pytest.raises(ContradictoryLinesError) as caught:
        merged(pip_requirements=of_a_file("scipy>=2", "", "scipy<1"))
    assert "r.txt:1: scipy>=2" in str(caught.value)
    assert "r.txt:3: scipy<1" in str(caught.value)


def test_two_different_urls_for_one_name_are_an_error_and_the_same_twice_is_none():
    one, other = "a @ https://host/a-1-py3-none-any.whl", "a @ https://host/a-2-py3-none-any.whl"
    assert asked(merged(pip_requirements=[one, one])) == asked(merged(pip_requirements=[one]))
    with pytest.raises(ContradictoryLinesError, match="a-2"):
        merged(pip_requirements=[one, other])


def test_a_false_marker_drops_a_line_and_a_true_one_is_gone():
    found = merged(
        extra_pip_requirements=["numpy<2; python_version < '3'", "scipy; python_version > '3'"],
        constraints=["scipy<1; python_version < '3'"],
    )
    assert asked(found) == ["numpy==2.4", "scikit-learn==1.9", "scipy"]
    assert {line.origin.place for line in found.dropped} == {
        "extra_pip_requirements[0]",
        "constraints[0]",
    }
    assert found.constraints == ()


def test_markers_are_those_of_the_target():
    target = Target({**TARGET.markers, "sys_platform": "win32"}, None)
    found = merge([], pip_requirements=["a; sys_platform == 'win32'"], target=target)
    assert asked(found) == ["a"]


def test_a_constraint_never_adds_a_name():
    named = Lines(constraints=of_a_file("Pandas<3").requirements)
    found = merged(extra_pip_requirements=named, constraints=["scipy<2"])
    assert asked(found) == asked(merged())
    assert [str(line.requirement) for line in found.constraints] == ["pandas<3", "scipy<2"]


def test_both_lists_are_an_error_that_names_them():
    with pytest.raises(TooManyInputsError, match="pip_requirements and extra_pip_requirements"):
        merged(pip_requirements=[], extra_pip_requirements=["a"])


@pytest.mark.parametrize("line", ["a[x]<2", "-e git+https://host/r.git#egg=a", "./a", "<2"])
def test_a_constraint_that_is_none_is_an_error(line):
    with pytest.raises(RequirementsError, match=r"constraints\[0\]"):
        merged(constraints=[line])


def test_what_a_merge_gives_can_be_merged_again():
    first = merged(extra_pip_requirements=["scipy[x]>1,<2", "numpy<3"])
    again = merge([], pip_requirements=asked(first), target=TARGET)
    assert asked(again) == asked(first)


def test_one_text_is_no_list():
    with pytest.raises(TypeError, match="pip_requirements is a list"):
        merged(pip_requirements="numpy<2")
