"""The parts of the slow tests: what each runs, what it needs, and how long it usually takes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BESIDE = Path(__file__).resolve().parents[2] / "shared"
LONGEST = 45
"""The minutes that no part exceeds."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something of this machine without which tests are skipped."""

    name: str
    is_there: Callable[[], bool]
    skipped: str = ""
    """What is skipped without it; nothing is run at all where this is empty."""


@dataclass(frozen=True, slots=True)
class Part:
    """Slow tests that are run together."""

    name: str
    minutes: int | None
    """What it was measured to take on two cores, with its environment; None: nobody noted it."""
    about: str
    tests: tuple[str, ...] = ()
    """Files and folders; where there are none, `.ci/slow` has a way of its own."""
    needs: tuple[Need, ...] = ()

    def missing(self) -> tuple[Need, ...]:
        """Return what this machine lacks of its needs."""
        return tuple(need for need in self.needs if not need.is_there())


def program(*names: str, skipped: str = "") -> Need:
    """Return the need for a program on PATH, under any of its names."""
    return Need(names[0], lambda: any(map(shutil.which, names)), skipped)


def variable(name: str, skipped: str = "", *, otherwise: str = "") -> Need:
    """Return the need for a variable, or for the program `otherwise` that does as well."""
    label = f"{name} or {otherwise}" if otherwise else name
    return Need(label, lambda: bool(os.environ.get(name) or shutil.which(otherwise)), skipped)


ADMINISTRATOR = Need("root", lambda: hasattr(os, "geteuid") and os.geteuid() == 0)
LINUX = Need("Linux", lambda: sys.platform == "linux")
COMPILER = program("gcc", skipped="tests that compile")
PACKSE = Need(
    "MODELENV_PACKSE",
    lambda: "MODELENV_PACKSE" in os.environ or (BESIDE / "packse").is_dir(),
    "packse's scenarios of resolvers",
)
JAVA = program("java")
GIT = program("git")

PARTS = (
    Part(
        "models",
        None,
        "models of many libraries, and how they fail",
        ("tests/stories/test_real_models.py", "tests/stories/test_failure_matrix.py"),
        (LINUX,),
    ),
    Part(
        "gallery",
        None,
        "the examples of the gallery, each in an environment of its own",
        ("tests/stories/test_gallery.py",),
        (
            LINUX,
            variable(
                "PIP_FIND_LINKS", "the example of torch, if no folder has it for processors alone"
            ),
        ),
    ),
    Part("repair", 11, "what diagnose and fix make of real failures", ("tests/modelenv/repair",)),
    Part(
        "mlflow",
        None,
        "MLflow's own folders and loaders, in four of its releases",
        (
            "tests/stories/test_mlflow.py",
            "tests/stories/test_mlflow_folders.py",
            "tests/stories/test_mlflow_signature.py",
            "tests/stories/test_mlflow_uris.py",
            "tests/envfiles/formats",
        ),
    ),
    Part(
        "tools",
        None,
        "pip, uv and the tools of projects",
        (
            "tests/stories/test_real_tools.py",
            "tests/stories/test_notebook.py",
            "tests/stories/test_projects.py",
            "tests/benchmarks",
        ),
        (GIT,),
    ),
    Part(
        "documents",
        None,
        "every block of the documents, run; the site",
        ("tests/documents",),
        (
            GIT,
            program("python3.9", skipped="the page on models through time"),
            program("nginx", skipped="the page on a server behind a proxy"),
            program("unshare", skipped="the page on a machine without a network"),
        ),
    ),
    Part("package", 5, "the archive and the wheel", ("tests/stories/test_package.py",), (GIT,)),
    Part(
        "tracer",
        None,
        "the tracer on CPython's own tests, and what a call costs",
        ("tests/tracer", "tests/stories/test_tracer_on_cpython.py"),
    ),
    Part(
        "kills",
        15,
        "processes killed at every step",
        (
            "tests/kills",
            "tests/envfiles/store",
            "tests/modelenv/edit/test_at_once.py",
            "tests/modelenv/batch/files",
        ),
        (LINUX,),
    ),
    Part("fuzz", 35, "mutated folders, each read by every command", ("tests/fuzz",), (LINUX,)),
    Part("serve", None, "servers beside MLflow's, and under load", ("tests/modelenv/serving",)),
    Part(
        "images",
        None,
        "images of Debian, built and run",
        ("tests/modelenv/ship",),
        (
            ADMINISTRATOR,
            program("buildah"),
            program("unshare"),
            variable("MODELENV_DEBIAN_ROOT", otherwise="debootstrap"),
            variable("MODELENV_TEST_LAYOUT", "what skopeo reads of an image"),
            variable("MODELENV_DEBIAN_ROOTS", "bases of other releases", otherwise="debootstrap"),
        ),
    ),
    Part(
        "exports",
        11,
        "what other tools make of exports; audits by pip-audit",
        ("tests/modelenv/export", "tests/modelenv/audit"),
        (program("npx", skipped="the development container's own reader"),),
    ),
    Part("pages", 5, "reports in a browser", ("tests/modelenv/report",), (program(*BROWSERS),)),
    Part(
        "spark",
        None,
        "batches on Spark, on a cluster that is started here",
        (
            "tests/modelenv/batch/engines/test_spark.py",
            "tests/modelenv/batch/engines/test_spark_page.py",
        ),
        (JAVA,),
    ),
    Part("ray", None, "batches on Ray", ("tests/modelenv/batch/engines/test_ray.py",)),
    Part(
        "dask",
        None,
        "batches and fleets on Dask",
        ("tests/modelenv/batch/engines/test_dask.py", "tests/modelenv/fleet/test_clusters.py"),
    ),
    Part(
        "batches",
        None,
        "batches on nodes, in packs and between versions of libraries",
        (
            "tests/modelenv/batch/node",
            "tests/modelenv/batch/nodes",
            "tests/modelenv/batch/pack",
            "tests/modelenv/batch/test_predict_batches.py",
            "tests/stories/test_batches_between_versions.py",
            "tests/stories/test_tables_between_versions.py",
        ),
    ),
    Part(
        "workers",
        None,
        "processes whose parent is killed, forks, and seals",
        (
            "tests/modelenv/worker",
            "tests/modelenv/seal",
            "tests/modelenv/fleet/test_forks.py",
            "tests/modelenv/fleet/test_state.py",
            "tests/modelenv/fleet/test_survives_a_fork.py",
            "tests/stories/test_sealed_proofs.py",
        ),
        (LINUX, COMPILER),
    ),
    Part(
        "indexes",
        None,
        "locks, logins and hashes with real indexes and tools",
        (
            "tests/modelenv/edit/test_lock_by_tools.py",
            "tests/modelenv/environments",
            "tests/modelenv/pins",
            "tests/modelenv/run",
            "tests/stories/test_real_indexes.py",
            "tests/stories/test_secrets.py",
            "tests/stories/test_user_hashes.py",
        ),
    ),
    Part(
        "time",
        None,
        "old models revived, living ones upgraded",
        ("tests/modelenv/time", "tests/stories/test_newest_by_hand.py"),
    ),
    Part("core", None, "every other slow test", ("tests",), (COMPILER, PACKSE)),
    Part("coverage", None, "the ordinary suite, with the branches that it takes"),
    Part("lowest", None, "the ordinary suite at the lower bounds"),
    Part(
        "sid",
        None,
        "the ordinary suite on Python 3.14 and 3.15",
        (),
        (
            LINUX,
            ADMINISTRATOR,
            program("chroot"),
            program("unshare"),
            variable("MODELENV_SID", otherwise="debootstrap"),
        ),
    ),
)
BY_NAME = {part.name: part for part in PARTS}


def paths(part: Part) -> list[str]:
    """Return the words for pytest: the tests of a part, without those of the others for `core`."""
    if part.name != "core":
        return list(part.tests)
    others = [path for each in PARTS if each.name != "core" for path in each.tests]
    return [*part.tests, *(f"--ignore={path}" for path in others)]
