"""The user's requirements, and the fate of those that a library probes for."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

import modelenv
from envfiles import InvalidFile
from modelenv.environments.errors import NotReplicableError
from modelenv.worker.errors import NotProvenError
from resolver.errors import (
    ContradictoryLinesError,
    ResolverError,
    TooManyInputsError,
)

PLAIN = "return [each + 1 for each in data]"
PACKAGING = "from packaging.version import Version; return [str(Version(each)) for each in data]"


def installed(name: str) -> str:
    return f"{name}=={importlib.metadata.version(name)}"


# Distributions that a library merely probes for.

LIBRARY = """
def plain():
    try:
        import lib_two
    except ImportError:
        return 1
    return 1

def rich():
    import lib_two
    return lib_two.VALUE
"""


@pytest.fixture
def libraries(own_site) -> Any:
    own_site.install("lib-one", {"lib_one.py": LIBRARY})
    own_site.install("lib-two", {"lib_two.py": "VALUE = 2"})
    own_site.install("lib-three", {"lib_three.py": "VALUE = 3"})
    return own_site


def test_what_is_probed_for_in_vain_is_left_out(libraries, project, target: Path) -> None:
    model = project.model("import lib_one; return lib_one.plain()")
    account = modelenv.save_model(model, target, input_example=0)
    assert account.pins == ("lib-one==1.0",)
    (left_out,) = account.left_out
    assert (left_out.name, left_out.asked_by) == ("lib-two", "lib_one.py:4")
    assert str(left_out) in str(account)


def test_what_the_prediction_needs_is_kept_though_nobody_declares_it(
    libraries, project, target: Path
) -> None:
    model = project.model("import lib_one; return lib_one.rich()")
    account = modelenv.save_model(model, target, input_example=0)
    assert account.pins == ("lib-one==1.0", "lib-two==1.0")
    assert account.left_out == ()
    assert "lib_one.py:10" in account.reasons["lib-two"]
    assert account.reasons["lib-two"] in str(account)


@pytest.mark.parametrize("more", [{"optional": "keep"}, {"prove": False}], ids=str)
def test_all_are_kept_when_asked_or_when_nothing_is_proven(
    more: dict[str, Any], libraries, project, target: Path
) -> None:
    model = project.model("import lib_one; return lib_one.plain()")
    account = modelenv.save_model(model, target, input_example=0, **more)
    assert account.pins == ("lib-one==1.0", "lib-two==1.0")
    assert (account.verdict is None) == ("prove" in more)


def test_what_has_no_list_of_files_is_proven_by_the_names_of_its_modules(
    own_site, project, target: Path
) -> None:
    own_site.install("lib-one", {"lib_one.py": "VALUE = 1"}, record=False)
    model = project.model("import lib_one; return lib_one.VALUE")
    account = modelenv.save_model(model, target, input_example=0)
    assert (account.pins, account.unlisted) == (("lib-one==1.0",), ())
    assert account.verdict is not None
    assert account.verdict.good


def test_what_no_list_of_files_holds_is_told_with_what_was_done(
    own_site, project, target: Path
) -> None:
    own_site.install("lib-one", {"lib_one/__init__.py": ""})
    own_site.install("lib-two", {"loose.py": "VALUE = 2"}, record=False)
    (own_site.root / "lib_one" / "later.py").write_text("VALUE = 1")
    model = project.model("import lib_one.later, loose; return lib_one.later.VALUE + loose.VALUE")
    account = modelenv.save_model(model, target, input_example=0)
    assert account.pins == ("lib-one==1.0",)
    told = "loose (copied out of it: no distribution lists it; perhaps lib-two 1.0 does)"
    assert account.unlisted == (told,)
    assert f"of site-packages, and in no list of files: {told}" in str(account)
    assert "added since it was installed: lib_one/later.py of lib-one 1.0" in str(account)
    assert (target / "code" / "loose.py").read_text() == "VALUE = 2"


def test_what_nobody_lists_and_does_not_travel_is_named_where_it_is_missed(
    own_site, target: Path
) -> None:
    (own_site.root / "loose.py").write_text("VALUE = 2")
    with pytest.raises(NotProvenError) as caught:
        modelenv.save_model(
            lambda _: __import__("loose").VALUE, target, input_example=0, code_paths=[]
        )
    told = "loose is a module in site-packages (no distribution lists it) that is not carried"
    assert told in str(caught.value)


def test_what_has_no_list_of_files_and_modules_of_other_names_cannot_be_proven_and_is_named(
    own_site, project, target: Path
) -> None:
    own_site.install("lib-one", {"one.py": "VALUE = 1"}, record=False)
    own_site.install("lib-two", {"lib_two.py": "import one"}, requires=["lib-one"])
    model = project.model("import lib_two; return lib_two.one.VALUE")
    with pytest.raises(NotReplicableError) as caught:
        modelenv.save_model(model, target, input_example=0)
    assert (caught.value.name, caught.value.version) == ("lib-one", "1.0")
    assert "prove=False" in str(caught.value)  # the way out
    assert list(target.parent.iterdir()) == []
    account = modelenv.save_model(model, target, input_example=0, prove=False)
    assert account.pins == ("lib-one==1.0", "lib-two==1.0")


# What the user says of the requirements.


def test_extra_lines_are_added_at_the_installed_version(project, target: Path) -> None:
    account = modelenv.save_model(
        project.model(PACKAGING), target, input_example=["1"], extra_pip_requirements=["click>=1"]
    )
    assert set(account.pins) >= {installed("packaging"), installed("click")}
    lines = (target / "requirements.txt").read_text()
    assert "extra_pip_requirements[0]" in lines


def test_the_user_s_list_replaces_what_was_traced(project, target: Path) -> None:
    account = modelenv.save_model(
        project.model(PLAIN), target, input_example=[1], pip_requirements=["click"]
    )
    assert installed("click") in account.pins
    assert account.unreached == ()


def test_what_the_user_s_list_does_not_reach_is_told(project, target: Path) -> None:
    body = "try:\n    import packaging\nexcept ImportError:\n    pass\nreturn data"
    account = modelenv.save_model(
        project.model(body), target, input_example=[1], pip_requirements=[]
    )
    assert account.pins == ()
    assert account.unreached == (f"{installed('packaging')} (own_model.py:4)",)
    assert account.unreached[0] in str(account)


def test_a_list_that_is_not_enough_is_refused_with_the_missing_lines(project, target: Path) -> None:
    with pytest.raises(NotProvenError) as caught:
        modelenv.save_model(
            project.model(PACKAGING), target, input_example=["1"], pip_requirements=["click"]
        )
    (hint,) = caught.value.hints
    assert hint.endswith(f"{installed('packaging')} (own_model.py:3)")
    assert "prove=False writes the folder" in str(caught.value)
    assert list(target.parent.iterdir()) == []


def test_it_names_what_a_library_needs_without_declaring_it(
    libraries, project, target: Path
) -> None:
    model = project.model("import lib_one; return lib_one.rich()")
    with pytest.raises(NotProvenError) as caught:
        modelenv.save_model(model, target, input_example=0, pip_requirements=["lib-one"])
    assert any("lib-two==1.0" in hint for hint in caught.value.hints)


def test_such_a_list_is_written_unproven_when_asked(project, target: Path) -> None:
    account = modelenv.save_model(
        project.model(PACKAGING),
        target,
        input_example=["1"],
        pip_requirements=["click"],
        prove=False,
    )
    assert (account.verdict, len(account.unreached)) == (None, 1)
    verdict = modelenv.verify(target)
    assert (verdict.status, verdict.stage) == ("fails", "predict")
    assert verdict.missing[0].startswith("packaging")


def test_a_constraint_narrows_and_never_adds(project, target: Path) -> None:
    account = modelenv.save_model(
        project.model(PACKAGING),
        target,
        input_example=["1"],
        constraints=["packaging>=1", "urllib3>=1"],
    )
    assert account.pins == (installed("packaging"),)


@pytest.mark.parametrize("lines", [["packaging<1"], ["packaging>1", "packaging<1"]], ids=str)
def test_constraints_that_contradict_write_nothing(lines: list[str], project, target: Path) -> None:
    with pytest.raises(ResolverError, match="packaging<1"):
        modelenv.save_model(
            project.model(PACKAGING), target, input_example=["1"], constraints=lines
        )
    assert list(target.parent.iterdir()) == []


def test_lines_with_a_false_marker_are_dropped_and_told(project, target: Path) -> None:
    account = modelenv.save_model(
        project.model(PLAIN),
        target,
        input_example=[1],
        extra_pip_requirements=["click; python_version < '3'"],
    )
    assert account.pins == ()
    (dropped,) = account.dropped
    assert "click; python_version < '3'" in dropped
    assert dropped in str(account)


@pytest.mark.parametrize(
    ("given", "error", "named"),
    [
        (
            {"pip_requirements": ["click"], "extra_pip_requirements": ["pyyaml"]},
            TooManyInputsError,
            "pip_requirements and extra_pip_requirements",
        ),
        pytest.param(
            {"extra_pip_requirements": ["click<2", "Click>3"]},
            ContradictoryLinesError,
            "Click>3",
            marks=pytest.mark.skipif(
                not hasattr(SpecifierSet, "is_unsatisfiable"),
                reason="packaging is too old to know it before resolving",
            ),
        ),
        (
            {"extra_pip_requirements": ["not a requirement!"]},
            InvalidFile,
            r"extra_pip_requirements\[0\]",
        ),
        ({"constraints": "absent.txt"}, InvalidFile, "absent.txt"),
        ({"pip_requirements": [3]}, InvalidFile, "int"),
    ],
    ids=str,
)
def test_lines_that_make_no_sense_are_refused_before_anything_runs(
    given: dict[str, Any], error: type[Exception], named: str, target: Path
) -> None:
    ran = target.parent.parent / "ran"
    with pytest.raises(error, match=named):
        modelenv.save_model(lambda data: ran.touch(), target, input_example=[1], **given)
    assert not ran.exists()
    assert list(target.parent.iterdir()) == []


def test_the_caller_s_arguments_are_never_changed(project, target: Path) -> None:
    given: dict[str, Any] = {"extra_pip_requirements": ["click"], "constraints": ["click>=1"]}
    example = {"a": [1]}
    before = json.dumps([given, example])
    body = "data['a'].append(2); return sorted(data)"
    modelenv.save_model(project.model(body), target, input_example=example, **given)
    assert json.dumps([given, example]) == before


def test_a_generator_gives_its_lines_though_it_is_read_once(project, target: Path) -> None:
    account = modelenv.save_model(
        project.model(PLAIN),
        target,
        input_example=[1],
        extra_pip_requirements=(name for name in ["click"]),
        constraints=(line for line in ["click>=1"]),
    )
    assert installed("click") in account.pins


def test_lines_may_stand_in_a_file(project, target: Path, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("# more\nclick\n-c narrow.txt\n")
    (tmp_path / "narrow.txt").write_text("click>=1\n")
    account = modelenv.save_model(
        project.model(PLAIN),
        target,
        input_example=[1],
        extra_pip_requirements=tmp_path / "more.txt",
    )
    assert installed("click") in account.pins


def test_where_pip_finds_what_is_pinned_stands_in_the_files_without_a_login(
    project, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    lines = [
        "--extra-index-url https://__token__:${TOKEN}@host/cu121",
        "--find-links wheels",
        "--pre",
    ]
    lines += ["--extra-index-url https://me:literal@other/simple", "click"]
    (tmp_path / "wheels").mkdir()
    (tmp_path / "more.txt").write_text("\n".join(lines))
    modelenv.save_model(
        project.model(PLAIN),
        target,
        input_example=[1],
        extra_pip_requirements=tmp_path / "more.txt",
    )
    options = [
        line
        for line in (target / "requirements.txt").read_text().splitlines()
        if line.startswith("-")
    ]
    assert options == [
        "--extra-index-url https://__token__:${TOKEN}@host/cu121",
        "--extra-index-url https://${OTHER_USERNAME}:${OTHER_PASSWORD}@other/simple",
    ]
    written = "".join(path.read_text("utf-8", "replace") for path in target.glob("*.*"))
    assert "s3cret" not in written
    assert ":literal@" not in written


def test_a_conflict_writes_nothing(own_site, project, target: Path) -> None:
    own_site.install("lib-one", {"lib_one.py": ""}, requires=["lib-two<1"])
    own_site.install("lib-two", {"lib_two.py": ""}, version="0.5")
    model = project.model("import lib_one; return 1")
    with pytest.raises(ResolverError, match="lib-two"):
        modelenv.save_model(
            model, target, input_example=[1], extra_pip_requirements=["lib-two>0.5,<1,!=0.6"]
        )
    assert list(target.parent.iterdir()) == []
