"""Build the image of a model, verify the model in it, and then tag it."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any, cast

from ..base.doors import door
from ..base.files.scratch import scratch_folder
from ..base.settings import Settings
from ..base.text import brief
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..run.isolated import run_again
from ..seal.choose import AUTOMATIC, Paths, SealRequest
from ..wheels.locked_environment import LockedEnvironment
from .context import check_unchanged, write_context, write_environment, write_file
from .dockerfile import ENVIRONMENTS, dockerfile_of_proof, dockerfile_upon, environments_key
from .engines.choose import EngineName, choose
from .engines.engine import BuildRequest, Engine, RunRequest
from .engines.names import ImageName
from .errors import NoImageError, NotReproducedError
from .image import MODEL, ImageOptions, ImagePlan
from .inside.settle import EPOCH
from .plan import (
    check_options,
    check_server,
    describe,
    in_a_line,
    iter_facts,
    minor_version,
    plan_as_json,
    planned,
)

_ENVIRONMENTS = "localhost/modelenv-environments"
_AFRESH = frozenset({"--no-cache", "--pull", "--pull=always", "--pull=true", "--pull-always"})
_MOST = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """An image that was built and tagged."""

    name: str
    engine: str
    """The program that built it: docker, podman or buildah."""
    plan: ImagePlan
    verdict: str
    """The verdict on the model in it: ``reproduces``, ``runs``; empty if it was not verified."""
    reason: str
    """The verdict in a sentence."""

    def __str__(self) -> str:
        """Return a short report, one fact per line."""
        proof = (
            f"{self.verdict} in it: {self.reason}" if self.verdict else "nothing is proven of it"
        )
        lines = [f"{self.name}, built by {self.engine}: {proof}", describe(self.plan)]
        return "\n".join([*lines, *iter_facts(self.plan)])

    def __repr__(self) -> str:
        """Return the first line of the report, shortened."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return {
            "schema": 1,
            "name": self.name,
            "engine": self.engine,
            "verdict": self.verdict or None,
            "reason": self.reason,
            **plan_as_json(self.plan),
        }


@door
def build_docker(
    folder: str | os.PathLike[str],
    name: str,
    *,
    options: ImageOptions | None = None,
    engine: EngineName | None = None,
    build_options: Sequence[str] = (),
    verify: bool = True,
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    report: Report = silent,
) -> BuiltImage:
    """Build an image of a model, predict in it, and name it `name` if the prediction is reproduced.

    `engine` is the builder; None takes the first of docker, podman and buildah that works.
    `build_options` are passed on to it unchanged. `allow_paths` and `allow_hosts` are what the
    model may use of this machine during the proof, whatever its MLmodel asks for. Raises
    NoEngineError, NoImageError, ImageBuildError, NotReproducedError, and the errors of locking;
    after an error no image has the name.
    """
    wanted = options or ImageOptions()
    ImageName.read(name)
    check_options(wanted)
    allowed = SealRequest.read("auto", allow_hosts, allow_paths)
    for path in allowed.allow_paths:
        if ":" in path:
            raise NoImageError(f"--allow-path {path}", "builders cannot mount a path with a colon")
    builder = choose(Settings.from_environment(), engine)

    def built(model: ModelFolder) -> BuiltImage:
        if verify:
            check_allowed(model, allowed)
        plan, proof = _planned_with_proof(model, wanted, report, verify=verify)
        check_given(plan)
        making = Making(
            model=model, plan=plan, proof=proof, builder=builder, allowed=allowed, report=report
        )
        return making.image(name, build_options, verify=verify)

    return run_again(folder, built, report)


def _planned_with_proof(
    model: ModelFolder, options: ImageOptions, report: Report, *, verify: bool
) -> tuple[ImagePlan, LockedEnvironment | None]:
    """Return the plan, and an environment to verify the image with if it has no server."""
    if options.server or not verify:
        return planned(model, options, report), None
    with_server = replace(options, server=True)
    check_server(minor_version(model), with_server)
    plan = planned(model, with_server, report)
    return replace(plan, server=None, options=options), plan.server


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """An image in the making: its plan and its builder."""

    model: ModelFolder
    plan: ImagePlan
    proof: LockedEnvironment | None
    """The environment of a server that verifies an image without one."""
    builder: Engine
    allowed: SealRequest = AUTOMATIC
    """The model's access to this machine while it is verified."""
    report: Report = silent

    def image(self, name: str, build_options: Sequence[str] = (), *, verify: bool) -> BuiltImage:
        """Build, verify and then tag the image. Raises ImageBuildError and NotReproducedError."""
        with scratch_folder() as scratch, self._temporary_name() as temporary:
            write_context(self.plan, scratch)
            check_unchanged(self.model)
            request = BuildRequest(
                context=scratch,
                name=temporary,
                platform=self.plan.options.platform,
                epoch=self.plan.epoch,
                arguments={**self.plan.options.build_args, "BASE": self.plan.base},
                options=tuple(build_options),
            )
            self._build(request)
            verdict, reason = self._proven(request, name) if verify else ("", "")
            self.builder.tag(temporary, name)
        return BuiltImage(
            name=name, engine=self.builder.name, plan=self.plan, verdict=verdict, reason=reason
        )

    def _build(self, request: BuildRequest) -> None:
        """Build the image; for builders that copy unchanged files anyway, upon its environments.

        The environments are then an image of their own, which the next model with the same pins
        reuses, unless the builder is told to start afresh.
        """
        self.report(f"building with {self.builder.name}")
        if not self.builder.copies_anew:
            self.builder.build(request)
            return
        key = environments_key(self.plan, self.builder.identity(self.plan.base))
        below = replace(
            request, name=f"{_ENVIRONMENTS}:{key[:32]}", target=ENVIRONMENTS, epoch=EPOCH
        )
        if _AFRESH.intersection(request.options) or not self.builder.identity(below.name):
            self.builder.build(below)
        upon = request.context / "Dockerfile.model"
        write_file(upon, dockerfile_upon(self.plan, below.name))
        self.builder.build(_upon(request, upon))

    @contextmanager
    def _temporary_name(self) -> Iterator[str]:
        """Yield an unused temporary name for an image; it is removed in any case."""
        name = f"localhost/modelenv-unverified:{secrets.token_hex(8)}"
        try:
            yield name
        finally:
            self.builder.remove(name)

    def _proven(self, built: BuildRequest, name: str) -> tuple[str, str]:
        """Verify the model by the image's own command; return the verdict and its reason."""
        with self._proving_image(built) as image:
            self.report("predicting in the image")
            ended = self.builder.run(self._verification(image))
        printed = ended.stdout.decode("utf-8", "replace")
        said = document_in(printed)
        if ended.returncode == 0 and "status" in said:
            return str(said["status"]), str(said.get("reason"))
        raise NotReproducedError(name, *_failure(said, ended.returncode, printed))

    @contextmanager
    def _proving_image(self, built: BuildRequest) -> Iterator[str]:
        """Yield the name of the image to verify in, which is based on the one that was built."""
        if self.proof is None:
            yield built.name
            return
        write_environment(self.proof, built.context)
        upon = built.context / "Dockerfile.proof"
        write_file(upon, dockerfile_of_proof(self.plan, self.proof, built.name))
        with self._temporary_name() as name:
            self.builder.build(replace(_upon(built, upon), name=name))
            yield name

    def _verification(self, image: str) -> RunRequest:
        """Return the run that verifies, with the caller's permissions for this machine."""
        return RunRequest(
            image=image,
            arguments=("verify", "-m", MODEL, "--json"),
            mounts=self.allowed.allow_paths,
            network=bool(self.allowed.allow_hosts),
        )


def check_allowed(model: ModelFolder, allowed: SealRequest) -> None:
    """Raise NoImageError if a model asks for more of this machine than `allowed`.

    The author of its MLmodel must not decide what is mounted or which hosts are reached.
    """
    paths, hosts = model.mlmodel.allow_paths, model.mlmodel.allow_hosts
    roots = [Path(each) for each in allowed.allow_paths]
    lacking = [
        *(f"--allow-path {quote(path)}" for path in paths if not _is_below(Path(path), roots)),
        *(f"--allow-host {quote(host)}" for host in hosts if host not in allowed.allow_hosts),
    ]
    if lacking:
        raise NoImageError(
            str(model.path),
            "its proof needs parts of this machine that were not allowed",
            in_a_line(f"allow it ({' '.join(lacking)}), or build without the proof (--no-verify)"),
        )


def _is_below(path: Path, roots: Iterable[Path]) -> bool:
    known = [*roots]
    return path in known or (
        ".." not in path.parts and any(path.is_relative_to(each) for each in known)
    )


def check_given(plan: ImagePlan) -> None:
    """Raise NoImageError if a login for the installation is missing."""
    missing = [name for name in plan.secrets if name not in plan.options.build_args]
    if missing:
        given = " ".join(f"--build-arg {name}" for name in missing)
        reason = "an index needs a login, which is written to no file"
        raise NoImageError(", ".join(missing), reason, f"set it and say {given}")


def _upon(request: BuildRequest, file: Path) -> BuildRequest:
    """Return the build of a file that is based on a local image, which no registry has."""
    kept = tuple(word for word in request.options if word not in _AFRESH)
    return replace(request, file=file.name, options=kept)


def document_in(printed: str) -> Mapping[str, Any]:
    """Return the document that ``verify --json`` printed, among a builder's own output."""
    decoder = json.JSONDecoder()
    for found in re.finditer(r"^\{", printed, re.MULTILINE):
        with suppress(ValueError):
            document, _ = decoder.raw_decode(printed, found.start())
            return cast("dict[str, Any]", document)
    return {}


def _failure(said: Mapping[str, Any], status: int, printed: str) -> tuple[str, str]:
    """Return why there is no proof, and further details."""
    if "status" in said:
        return f"{said['status']} in it: {said.get('reason')}", _end(str(said.get("detail") or ""))
    error = said.get("error")
    if isinstance(error, dict):
        return "it could not be verified in it", _end(str(error.get("message")))
    return f"verifying in it ended with status {status}", _end(printed)


def _end(text: str) -> str:
    return text[-_MOST:].strip()
