"""Does a replica say the same as an environment that is built, for every case?

    python -m benchmarks.accuracy.agreement [--cases NAME ...]

Each case is captured in its source environment. Its pins are then proven twice: in a replica of
links into the source environment, and in one that uv builds from the same pins. The two verdicts
have to be of one kind. The command ends with 0 where they all are, 1 where one is not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelenv.base.errors import ModelenvError
from modelenv.base.settings import Settings
from modelenv.base.siblings import resolver
from modelenv.environments.errors import BuildFailedError
from modelenv.folder.bundling import Bundle
from modelenv.folder.code.code_plan import CodePlan
from modelenv.folder.documents.names import LOADER_SOURCE
from modelenv.save.inputs import Policy, UserRequirements
from modelenv.save.observe.capture import capture_there
from modelenv.save.observe.second_process import SecondProcess
from modelenv.save.pinning import attribute, pin
from modelenv.save.proving.prove import Prover
from modelenv.save.request.pinning import PinningRequest
from modelenv.save.request.prepared import Prepared
from modelenv.save.request.stopwatch import Stopwatch
from modelenv.worker.errors import NotProvenError
from modelenv.worker.job import Material

from .authors.case import find_cases
from .authors.source import prepare
from .running.environments import Builder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelenv.environments.spec import Manager

    from .authors.case import Case
    from .authors.source import Source

MANAGERS: tuple[Manager, ...] = ("replica", "uv")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What each manager says of the pins of one case."""

    case: str
    pins: int
    said: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return len(set(self.said)) == 1

    def __str__(self) -> str:
        state = "agree" if self.holds else "DISAGREE"
        lines = [f"{self.case:<22} {state}: {', '.join(self.said)} ({self.pins} pins)"]
        if not self.holds or self.said[0] == "fails":
            lines += [f"    {m}: {why}" for m, why in zip(MANAGERS, self.why, strict=True)]
        return "\n".join(lines)


def compare(case: Case, builder: Builder, folder: Path) -> Agreement:
    """Capture a case, and prove its pins by each manager."""
    source = prepare(case, builder)
    settings = _settings(source)
    code = source.copy_code(folder / "code")
    material = Material(
        model=source.model,
        loader=LOADER_SOURCE,
        input={"type": "pickle", "file": str(source.example)},
        code=(code,),
    )
    captured = capture_there(
        material, folder / "prediction", source.environment.python, settings, timeout=300
    )
    requirements, installed = UserRequirements(), captured.python.installed()
    attribution, packed = attribute(captured, requirements, installed, carries_code=False)
    request = PinningRequest(
        captured=captured,
        attribution=attribution,
        packed=packed,
        material=material,
        carried=CodePlan(),
        requirements=requirements,
        policy=Policy(manager="replica", timeout=300),
        settings=settings,
        watch=Stopwatch(),
        prepared=Prepared(installed=installed),
        path=folder,
        folder=folder,
    )
    try:
        account = pin(request)
    except NotProvenError:
        account = pin(replace(request, policy=Policy(prove=False)))
    outcomes = [_prove(request, manager, account.resolution) for manager in MANAGERS]
    return Agreement(
        case.name,
        len(account.pins),
        tuple(said for said, _ in outcomes),
        tuple(why for _, why in outcomes),
    )


def _settings(source: Source) -> Settings:
    """Return the settings of an author whose installers know the case's own index."""
    settings = Settings.from_environment()
    if not source.has_index:
        return settings
    links = dict.fromkeys(("PIP_FIND_LINKS", "UV_FIND_LINKS"), str(source.wheel_folder))
    return replace(settings, environment={**settings.environment, **links})


def _prove(
    request: PinningRequest,
    manager: Manager,
    resolution: resolver.Resolution,
) -> tuple[str, str]:
    wheels = request.folder / "wheels"
    prover = Prover(
        request=replace(request, policy=Policy(manager=manager, timeout=300)),
        bundle=Bundle(wheels, request.installed, request.packed),
        hashes=request.requirements.hashes(request.environment.target, wheels),
        second=SecondProcess(request.captured, 300),
    )
    try:
        verdict = prover.prove(resolution)
    except BuildFailedError as error:
        return "cannot be built", error.output.strip().splitlines()[-1]
    return verdict.status, verdict.reason.splitlines()[0]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="agreement", description=__doc__)
    parser.add_argument("--cases", nargs="+", default=[], metavar="NAME", help="default: all")
    parser.add_argument("--python", default=sys.executable, help="default: this interpreter")
    parser.add_argument(
        "--cache", type=Path, default=Path.home() / ".cache" / "modelenv-benchmarks"
    )
    given = parser.parse_args(arguments)
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not on PATH", file=sys.stderr)
        return 2
    builder = Builder(uv=uv, python=given.python, cache=given.cache.resolve())
    apart: list[str] = []
    cases = find_cases(given.cases)
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            try:
                agreement = compare(case, builder, Path(folder))
            except (ModelenvError, resolver.ResolverError) as error:
                print(f"{case.name:<22} NO VERDICT: {str(error).splitlines()[0]}", flush=True)
                apart.append(case.name)
                continue
        print(agreement, flush=True)
        apart += [] if agreement.holds else [case.name]
    print(f"{len(cases) - len(apart)} of {len(cases)} agree", *(f"not {name}" for name in apart))
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
