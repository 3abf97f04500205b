"""Owners of files, libraries, programs and names, and candidates of a failed run."""

from __future__ import annotations

from typing import Any

import pytest

from modelenv.base.siblings import resolver
from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules
from modelenv.repair.owners.candidates import candidates
from modelenv.repair.owners.files import FileKind, file_here, file_owners
from modelenv.repair.owners.modules import owner_of
from modelenv.repair.owners.names import owners_named
from modelenv.repair.reading.failure import Failure
from modelenv.seal.leaks import Leak
from modelenv.worker.verdict import Verdict

NOTHING = resolver.Attribution((), (), ())


@pytest.fixture
def installed(site: Any) -> resolver.Installed:
    """What is needed though nothing of it is imported, and two that have nothing to do with it."""
    site.install("kiln", {"kiln/__init__.py": ""})
    site.install("kiln-runtime", {"kiln_runtime/lib/libkilnscale.so.1.2": ""}, version="12.1")
    site.install("flue", {"../../libflue.so.2": "", "../../../share/flue/draft.json": "{}"})
    site.install("grinder", requires=["fuel>=1; extra == 'hot'"])
    (site.root / "grinder-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: grinder\nVersion: 1.0\nProvides-Extra: hot\n"
        "Requires-Dist: fuel>=1; extra == 'hot'\n"
    )
    site.install("grinder-bin", {"../../../bin/grindbin": "#!/bin/sh\n"}, version="9.0")
    site.install("lathe-bits", {"lathe_bits/sizes.json": "{}"}, version="0.3")
    return resolver.Installed([str(site.root)], resolver.Target.current())


@pytest.mark.parametrize(
    ("kind", "name", "owners"),
    [
        ("library", "libkilnscale.so.1.2", ["kiln-runtime"]),
        ("library", "libkilnscale.so.1", ["kiln-runtime"]),
        ("library", "libkiln.so.1", []),
        ("library", "/old/lib/python3.9/site-packages/kiln_runtime/lib/libkilnscale.so.1.2",
         ["kiln-runtime"]),
        ("library", "…/site-packages/kiln_runtime/lib/libkilnscale.so.1.2", ["kiln-runtime"]),
        ("library", "/old/lib/libflue.so.2", ["flue"]),
        ("program", "grindbin", ["grinder-bin"]),
        ("program", "/old/bin/grindbin", ["grinder-bin"]),
        ("program", "grind", []),
        ("file", "/old/lib/python3.9/site-packages/lathe_bits/sizes.json", ["lathe-bits"]),
        ("file", r"C:\old\Lib\site-packages\lathe_bits\sizes.json", ["lathe-bits"]),
        ("file", "/old/share/flue/draft.json", ["flue"]),
        ("file", "sizes.json", []),
        ("file", "/data/sizes.json", []),
    ],
)  # fmt: skip
def test_a_file_has_an_owner_wherever_it_stood(
    kind: FileKind, name: str, owners: list[str], installed: resolver.Installed
) -> None:
    assert [each.name for each in file_owners(kind, name, installed)] == owners


def test_what_stands_at_a_path_and_is_nobody_s_has_no_owner(
    site: Any, installed: resolver.Installed
) -> None:
    system = site.root / "system" / "bin" / "grindbin"
    system.parent.mkdir(parents=True)
    system.touch()
    assert file_owners("program", str(system), installed) == ()


def test_a_file_is_found_where_it_is_installed_here(
    site: Any, installed: resolver.Installed
) -> None:
    owner = installed.get("grinder-bin")
    assert owner is not None
    here = file_here("program", "/old/bin/grindbin", owner)
    assert here == str((site.root / "../../../bin/grindbin").resolve())


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("grindbin", [("grinder-bin", "program")]),
        ("libkilnscale.so.1", [("kiln-runtime", "library")]),
        ("lathe_bits", [("lathe-bits", "module")]),
        ("Lathe.Bits", [("lathe-bits", "distribution")]),
        ("fuel", [("fuel", "extra")]),
        ("taken", [("taken", "distribution")]),
        ("umap-learn", [("umap-learn", "distribution")]),
        ("petal", []),
    ],
)
def test_a_name_means_what_something_says_it_does(
    name: str, owners: list[tuple[str, str]], installed: resolver.Installed
) -> None:
    found = owners_named(name, installed, ["grinder"], known=["taken"])
    assert [(each.name, each.part) for each in found] == owners
    assert all(each.certain for each in found)


def test_an_extra_of_what_is_not_pinned_says_nothing(installed: resolver.Installed) -> None:
    assert owners_named("fuel", installed, ["kiln"]) == ()


def test_a_module_s_owner_is_a_guess_where_only_its_name_is_known() -> None:
    assert not owner_of("grindbin", None).certain


def failed(reason: str, **further: Any) -> Verdict:
    return Verdict(status="fails", where="a replica", reason=reason, stage="predict", **further)


CASES: dict[str, tuple[Verdict, list[str]]] = {
    "a module": (failed("ModuleNotFoundError: ...", missing=("lathe_bits",)), ["lathe-bits"]),
    "a leak": (
        failed("OSError: no", leaks=(Leak("library", "/x/libkilnscale.so", "kiln-runtime==12.1"),)),
        ["kiln-runtime"],
    ),
    "a leak of nobody's that a distribution has": (
        failed("OSError: no", leaks=(Leak("program", "/gone/bin/grindbin"),)),
        ["grinder-bin"],
    ),
    "a library": (
        failed("OSError: libflue.so.2: cannot open shared object file: No such file or directory"),
        ["flue"],
    ),
    "a file": (
        failed(
            "FileNotFoundError: [Errno 2] No such file or directory:"
            " '…/site-packages/lathe_bits/sizes.json'"
        ),
        ["lathe-bits"],
    ),
    "a program": (
        failed("FileNotFoundError: [Errno 2] No such file or directory: 'grindbin'"),
        ["grinder-bin"],
    ),
    "metadata": (
        failed("PackageNotFoundError: No package metadata was found for lathe-bits"),
        ["lathe-bits"],
    ),
    "metadata in words": (
        failed("PackageNotFoundError: No package metadata was found for lathe-bits is required"),
        ["lathe-bits"],
    ),
    "an optional dependency": (
        failed("ImportError: Missing optional dependency 'lathe_bits'. Use pip or conda to"),
        ["lathe-bits"],
    ),
    "what a message asks for": (failed("RuntimeError: grindbin is required"), ["grinder-bin"]),
    "what a message merely names": (failed("ValueError: no lathe-bits, no turn"), ["lathe-bits"]),
    "where somebody put it": (
        failed("ImportError: cannot import name 'x' from 'y' (/lathe-bits/flue/lib/y/__init__.py)"),
        [],
    ),
    "nothing that is installed": (failed("ValueError: petal is required to bloom"), []),
    "a host": (failed("OSError: Network is unreachable", leaks=(Leak("host", ""),)), []),
}


@pytest.mark.parametrize("what", CASES)
def test_a_verdict_points_to_what_is_installed(what: str, installed: resolver.Installed) -> None:
    verdict, expected = CASES[what]
    assert list(candidates(verdict, installed, {"kiln", "grinder"}, NOTHING)) == expected


def test_the_surest_come_first_and_none_that_is_pinned(installed: resolver.Installed) -> None:
    verdict = failed("RuntimeError: grinder needs flue, or grindbin", missing=("lathe_bits.sizes",))
    found = candidates(verdict, installed, {"kiln", "grinder"}, NOTHING)
    assert found == ("lathe-bits", "grinder-bin", "flue")


def test_what_the_trace_saw_used_is_known_by_its_name(installed: resolver.Installed) -> None:
    owner = installed.get("lathe-bits")
    assert owner is not None
    used = resolver.Evidence("lathe_bits/sizes.json", "lathe", "lathe.py", 3, "file")
    seen = resolver.Attributed(owner, "optional", (used,), 0)
    verdict = failed("ValueError: cannot read sizes.json")
    assert candidates(verdict, installed, set(), NOTHING) == ()
    attribution = resolver.Attribution((seen,), (), ())
    assert candidates(verdict, installed, set(), attribution) == ("lathe-bits",)


SONAMES = ("libgomp.so.1", "libGL.so.1")


@pytest.mark.parametrize("library", SONAMES)
def test_a_copy_that_a_distribution_has_for_itself_is_not_the_system_s(
    library: str, site: Any
) -> None:
    site.install("forge", {f"forge/lib/{library}": ""})
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    lines = f"OSError: {library}: cannot open shared object file: No such file or directory"
    found = apply_rules(Failure.of_text(lines), Knowledge(installed=installed))
    assert (found.rule, found.subject) == ("missing-library", library)
    assert "apt-get install -y lib" in found.remedy
    used = {"kind": "library", "name": f"…/site-packages/forge/lib/{library}", "phase": "load"}
    traced = Knowledge(installed=installed, touches=(used,))
    assert apply_rules(Failure.of_text(lines), traced).subject == "forge"
    inside = lines.replace(library, f"/old/lib/python3.11/site-packages/forge/lib/{library}")
    assert apply_rules(Failure.of_text(inside), Knowledge(installed=installed)).subject == "forge"
