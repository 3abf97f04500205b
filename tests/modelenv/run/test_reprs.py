"""At a prompt every public value is one line that says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import envfiles
import modelenv
import resolver
import tracer
from modelenv.time.trials.pins import TrialPins


@pytest.fixture
def own(own_site: Any, project: Any, target: Path) -> tuple[modelenv.Account, Path]:
    """A saved model of a distribution, and its account."""
    for number in range(30):
        own_site.install(f"own-part-{number}", {f"own_part_{number}.py": ""})
    imports = "\n".join(f"import own_part_{number}" for number in range(30))
    model = project.model(f"{imports}\nreturn len(data)")
    return modelenv.save_model(model, target, input_example=[1, 2]), target


def values(account: modelenv.Account, folder: Path) -> Iterator[object]:
    yield account
    yield modelenv.capture(len, "four", prove=False)
    yield from (account.verdict, account.resolution, account.environment)
    yield modelenv.verify(folder)
    yield modelenv.inspect_model(folder)
    yield modelenv.why(folder, "own-part-1")
    yield modelenv.report_model(folder)
    yield modelenv.diagnose("ModuleNotFoundError: No module named 'cv2'", folder)
    yield modelenv.fix(folder)
    yield modelenv.minimize(folder)
    yield modelenv.compare_environment(folder)
    yield modelenv.update_requirements(folder, constraints=["own-part-1<2"])
    yield from modelenv.migrate_channels(folder, old="a", new="b")
    fleet = modelenv.inspect_fleet(folder)
    yield from (fleet, *fleet.outcomes(), modelenv.audit_fleet(folder))
    yield modelenv.Audit(
        path=folder, pins=2, parts=0, vulnerable=(), ignored=(), told=None, asked=("2 advisories",)
    )
    yield modelenv.BatchModel.of(folder)
    yield modelenv.PackedEnvironment(
        file=folder / "own.pack.tar.gz",
        sha256="0" * 64,
        python="3.12",
        with_python=False,
        platform="linux/amd64",
        glibc=(2, 28),
        pins=("own-part-1==1.0",),
        bytes=1000,
        unpacked=2000,
        verdict=None,
    )
    yield modelenv.Revival(
        old=folder,
        path=folder.with_name("own-revived"),
        as_of="2021-06-30T00:00:00Z",
        python="3.9.18",
        pins=("own-part-1==1.0",),
        rules=(),
        verdict=modelenv.verify(folder),
        written=True,
    )
    yield modelenv.FilesPredicted(output=str(folder / "out.parquet"), rows=2, parts=1)
    pins = TrialPins.of(["own-part-1==1.0"], "3.12")
    yield modelenv.Upgrade(
        old=folder, path=folder, before=pins, after=pins, best=None, tried=(), relative=1e-6
    )
    yield modelenv.Bisection(
        folder=folder,
        good="own pins",
        bad="today.txt",
        differing=2,
        outcome="same",
        reason="it is equal",
        tried=(),
        relative=1e-6,
    )
    yield modelenv.Exported(
        format="uv",
        place=folder / "pyproject.toml",
        files=(folder / "pyproject.toml", folder / "uv.lock"),
        python="3.12",
        pins=("own-part-1==1.0",),
        unexpressed=(),
        notes=(),
        command="uv sync",
    )
    installed = resolver.Installed.current()
    with tracer.trace() as seen:
        import colorsys  # noqa: F401
    yield seen.trace
    yield resolver.attribute(seen.records, installed)
    merged = resolver.merge((), pip_requirements=["own-part-1"], target=installed.target)
    yield merged
    yield resolver.resolve(merged, installed, index="never")
    yield envfiles.read_conda((folder / "conda.yaml").read_text())
    yield envfiles.read_requirements(folder / "requirements.txt")
    yield envfiles.read_side(folder / "requirements.txt")
    yield envfiles.compare(*[envfiles.read_side(folder / "requirements.txt")] * 2)


def test_every_public_value_is_one_short_line(own: tuple[modelenv.Account, Path]) -> None:
    seen = set()
    for value in values(*own):
        shown, kind = repr(value), type(value).__name__
        assert len(shown) <= 100, shown
        assert "\n" not in shown
        assert shown.startswith(f"<{kind}"), shown
        seen.add(kind)
    assert len(seen) > 15
    published = {name for name in dir(modelenv) if isinstance(getattr(modelenv, name), type)}
    told = {"EnvironmentWarning", "Indexes", "LoadedModel", "Locking", "ModelenvError"}
    images = {"BuildContext", "BuiltImage", "ExportedImage", "ImageOptions"}
    assert published - told - images - {"FleetOptions"} <= seen
    assert {"Trace", "Resolution", "Attribution"} <= seen


def test_a_lock_is_short() -> None:
    assert repr(envfiles.Lock(packages=(), python="3.12")) == "<Lock of 0 packages>"
