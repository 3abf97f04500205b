"""The text of a Dockerfile: a stage that builds, and one that copies what was built.

It uses only what every builder supports: no BuildKit mounts, no here-documents.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from ..base import VERSION
from ..base.text import visible
from ..wheels.locked_environment import LockedEnvironment
from .engines.names import ImageName
from .errors import NoImageError
from .image import (
    MODEL,
    MODEL_ENVIRONMENT,
    SERVER_ENVIRONMENT,
    UNSET,
    ImageOptions,
    ImagePlan,
    Runtime,
    SystemPackage,
)

BUILD = "/build"
"""The working folder of the building stage."""
_PREFIXES = {"model": MODEL_ENVIRONMENT, "server": SERVER_ENVIRONMENT}
ENVIRONMENTS = "environments"
"""The stage that all models with the same pins share."""
SETTLE = Path(__file__).with_name("inside") / "settle.py"
_SCRATCH = "/tmp"  # noqa: S108  # the image's
_COMMAND = f"{SERVER_ENVIRONMENT}/bin/modelenv"
_TOOLS = "tools/bin/python -m"
_LOCATIONS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
# uv ignores pip's variables.
_UVS = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX": "PIP_EXTRA_INDEX_URL"}
_UVS |= {"UV_FIND_LINKS": "PIP_FIND_LINKS"}
_AS_PIP = "".join(f'${{{pip}:+env "{uv}=${pip}"}} ' for uv, pip in _UVS.items())
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?(?:=[A-Za-z0-9.+~:-]+)?")
# Settings of a base that would make pip install elsewhere, or other files than the lock's.
_REDIRECTING = (
    "PIP_CONSTRAINT",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
)
_SNAPSHOT = "%Y%m%dT%H%M%SZ"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ID = re.compile(r"(?:[a-z0-9]+:)?[0-9a-f]{64,}")
_NO_NAME = "this is no valid name of an image"
_SUITES = {"debian": ("", "-updates"), "debian-security": ("-security",)}
# Files with dates in them that a package's installation leaves behind.
_LEFT = (
    "/var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old"
    " /var/cache/ldconfig/aux-cache /var/log/apt /var/log/*.log"
)


def dockerfile(plan: ImagePlan) -> str:
    """Return the Dockerfile of a plan. Raises NoImageError for text that none can hold."""
    return _text([_head(plan), *_below(plan), _settled(), _image(plan, ENVIRONMENTS)])


def dockerfile_upon(plan: ImagePlan, environments: str) -> str:
    """Return the Dockerfile of a plan, with an image of that name for its environments' stage."""
    return _text([_head(plan), _settled(), _image(plan, environments)])


def dockerfile_of_proof(plan: ImagePlan, server: LockedEnvironment, image: str) -> str:
    """Return the Dockerfile that adds a server to `image`, to verify the model in it."""
    proof = [
        f"FROM {image} AS proof",
        f"COPY --from=build {SERVER_ENVIRONMENT} {SERVER_ENVIRONMENT}",
        f"ENTRYPOINT {json.dumps([_COMMAND])}",
    ]
    return _text([_head(plan), _build(plan, [server]), proof])


def environments_key(plan: ImagePlan, base: str) -> str:
    """Return a key for a plan's environments on the base with that identity."""
    locks = map(lock_text, plan.locks)
    parts = [base, SETTLE.read_text("utf-8"), *locks, _text(_below(plan))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def lock_text(environment: LockedEnvironment) -> str:
    """Return the lines of an environment as a file for pip and uv."""
    return "".join(f"{line}\n" for line in (*environment.options, *environment.lines))


def check_base(base: str) -> None:
    """Raise NoImageError unless a base is an image's name, with or without digest, or its id."""
    name, at, digest = base.partition("@")
    if _ID.fullmatch(base):
        return
    try:
        ImageName.read(name)
    except NoImageError as error:
        raise NoImageError(f"--base {base!r}", _NO_NAME) from error
    if at and not _ID.fullmatch(digest):
        raise NoImageError(f"--base {base!r}", "this is no digest of an image")


def check_snapshot(time: str) -> None:
    """Raise NoImageError unless a time is written as snapshot.debian.org writes it."""
    try:
        read = datetime.strptime(time, _SNAPSHOT).replace(tzinfo=timezone.utc)
    except ValueError:
        read = None
    if read is None or read.strftime(_SNAPSHOT) != time:
        reason = "this is no time in the form of snapshot.debian.org"
        raise NoImageError(f"--snapshot {time}", reason, "write it as 20261101T000000Z")


def _text(stages: Iterable[list[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in stages) + "\n"


def _below(plan: ImagePlan) -> list[list[str]]:
    """Return the stages that models with the same pins have in common."""
    return [_build(plan, plan.environments), _environments(plan)]


def _head(plan: ImagePlan) -> list[str]:
    """Return the header comment, and the argument for the base."""
    check_base(plan.base)
    model = f"{plan.folder.name}, with Python {plan.python}"
    lines = [
        f"# The model {comment(model)}, as modelenv {VERSION} puts it into an image.",
        "# What it needs of whoever runs it:" if plan.needs else "",
        *(f"#   {comment(need)}" for need in plan.needs),
        f"ARG BASE={plan.base}",
    ]
    return [line for line in lines if line]


def _build(plan: ImagePlan, environments: Sequence[LockedEnvironment]) -> list[str]:
    """Return the stage that makes environments."""
    lines = [
        "FROM ${BASE} AS build",
        f"WORKDIR {BUILD}",
        *_emptied(*UNSET, *_REDIRECTING, besides=plan.options.build_args),
        "ENV PYTHONHASHSEED=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1",
        *(["ENV UV_SYSTEM_CERTS=1"] if plan.tools else []),
        "COPY settle.py ./",
        f"RUN {_join([f'python3 settle.py python {plan.python}', 'python3 -m venv tools'])}",
        *_compilers(plan, environments),
        *(f"ARG {variable}" for variable in _arguments(plan)),
    ]
    for each in (*([plan.tools] if plan.tools else []), *environments):
        files = [f"locks/{each.name}.txt", *([f"wheels/{each.name}/"] if each.wheels else [])]
        lines += [f"COPY {file} {BUILD}/{file}" for file in files]
        lines.append(f"RUN {_join(_install(each, plan.options))}")
    return lines


def _arguments(plan: ImagePlan) -> list[str]:
    """Return the build arguments for the installation, without their values."""
    for name in plan.options.build_args:
        if not _VARIABLE.fullmatch(name):
            raise NoImageError(f"--build-arg {name}", "this is no valid name of a variable")
    own = () if plan.options.wheelhouse else _LOCATIONS
    named = dict.fromkeys((*own, *plan.secrets, *sorted(plan.options.build_args)))
    return [name for name in named if name != "BASE"]


def _emptied(*names: str, besides: Iterable[str] = ()) -> list[str]:
    """Return the lines that empty variables of the base, which would override an argument."""
    kept = set(names).difference(besides)
    return [
        "# Of the base, which would change what Python does:",
        f"ENV {_variables(dict.fromkeys(kept, ''))}",
    ]


def _compilers(plan: ImagePlan, environments: Iterable[LockedEnvironment]) -> list[str]:
    """Return the step that installs compilers, if anything is built from source."""
    names = sorted({name for each in environments for name in each.sources})
    if not names:
        return []
    package = SystemPackage(package="build-essential", why=f"to build {', '.join(names)}")
    headers = SystemPackage(package="python3-dev", why=f"to build {', '.join(names)}")
    return _apt(plan, (package, headers))


def _install(environment: LockedEnvironment, how: ImageOptions) -> list[str]:
    """Return the commands that make an environment with exactly what its lock names."""
    lock = f"locks/{environment.name}.txt"
    options = ["--no-deps", "--require-hashes", *_forms(environment)]
    if how.wheelhouse:
        options.append("--no-index")
    if environment.wheels:
        options.append(f"--find-links wheels/{environment.name}")
    installed = f"{' '.join(options)} -r {lock}"
    if environment.name == "tools":
        return [f"{_TOOLS} pip install {installed}"]
    prefix = _PREFIXES[environment.name]
    python = f"{prefix}/bin/python"
    words = {
        "pip": f"{_TOOLS} pip --python {python} install --no-compile",
        "uv": f"{_AS_PIP}{_TOOLS} uv pip install --python {python} --no-cache --no-config",
    }
    return [
        f"python3 -m venv --without-pip {prefix}",
        f"{words[how.installer]} {installed}",
        f"python3 settle.py environment {prefix} {lock}",
    ]


def _forms(environment: LockedEnvironment) -> list[str]:
    """Return the options that allow wheels only, and source for names without a wheel."""
    names = ",".join(environment.sources)
    return ["--only-binary=:all:", *([f"--no-binary={names}"] if names else [])]


def _apt(plan: ImagePlan, packages: Iterable[SystemPackage]) -> list[str]:
    """Return the step that installs Debian packages, with a comment on each one's reason."""
    wanted = {each.package: each for each in packages}
    for name in wanted:
        if not _PACKAGE.fullmatch(name):
            raise NoImageError(name, "this is no valid name of a Debian package")
    if not wanted:
        return []
    names = sorted(wanted)
    commands = [
        *_sources(plan.options.snapshot),
        "apt-get update",
        "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "
        + " ".join(names),
        f"rm -rf {_LEFT}",
    ]
    said = [f"# {name}: {_why(wanted[name])}" for name in names]
    # The mirror decides the versions: it removes a pinned one when the next comes out.
    said.append("# hadolint ignore=DL3008")
    if any("=" in name for name in names):
        return [*said, f"RUN {_join(commands)}"]
    # If the base has all of them, nothing is fetched and no network is needed.
    here = f"dpkg -s {' '.join(names)} > /dev/null 2>&1"
    return [*said, f"RUN {here} \\\n || ( {_join(commands)} )"]


def _why(package: SystemPackage) -> str:
    """Return why a package is needed, and which version was seen."""
    return comment(f"{package.why} (seen: {package.seen})" if package.seen else package.why)


def _sources(snapshot: str | None) -> Iterator[str]:
    """Yield the commands that make apt install packages as of a past time."""
    if snapshot is None:
        return
    check_snapshot(snapshot)
    yield "rm -f /etc/apt/sources.list.d/*"
    # The packages are signed; the release file of a snapshot has expired.
    lines = [
        f"deb [check-valid-until=no] http://snapshot.debian.org/archive/{archive}/{snapshot}"
        f" $VERSION_CODENAME{suite} main"
        for archive, suites in _SUITES.items()
        for suite in suites
    ]
    yield ". /etc/os-release"
    yield "printf '%s\\n' " + " ".join(f'"{line}"' for line in lines) + " > /etc/apt/sources.list"


def _environments(plan: ImagePlan) -> list[str]:
    """Return the stage of the image without its model: the base, packages, environments."""
    copied = [_PREFIXES[each.name] for each in plan.environments]
    how = Runtime.of(plan)
    return [
        f"FROM ${{BASE}} AS {ENVIRONMENTS}",
        *_apt(plan, plan.packages),
        *_emptied(*UNSET),
        f"ENV {_variables(how.variables)}",
        *(f"COPY --from=build {each} {each}" for each in copied),
        f"WORKDIR {how.folder}",
        f"USER {how.user}",
        *_command(how),
    ]


def _command(how: Runtime) -> Iterator[str]:
    """Yield the command, its stop signal, its user and folder, and its health check."""
    yield "STOPSIGNAL SIGTERM"  # the base's own signal is for the base's program
    if how.port is not None:
        yield f"EXPOSE {how.port}"
    if how.health:
        interval, timeout, start = how.health_seconds
        options = f"--interval={interval}s --timeout={timeout}s --start-period={start}s"
        yield f"HEALTHCHECK {options} CMD {json.dumps(how.health)}"
    yield f"ENTRYPOINT {json.dumps(how.entrypoint)}"


def _settled() -> list[str]:
    """Return the stage in which every user may read the model, whatever its files' modes were."""
    return [
        "FROM ${BASE} AS model",
        f"WORKDIR {BUILD}",
        *_emptied(*UNSET),
        "COPY settle.py ./",
        f"COPY model {MODEL}",
        f"RUN python3 settle.py model {MODEL}",
    ]


def _image(plan: ImagePlan, below: str) -> list[str]:
    """Return the last stage, which adds one layer with the model."""
    return [
        f"FROM {below} AS image",
        f"COPY --from=model {MODEL} {MODEL}",
        *([f"ENV {_variables(plan.variables)}"] if plan.variables else []),
        *([f"LABEL {_variables(plan.labels)}"] if plan.labels else []),
        f"CMD {json.dumps(Runtime.of(plan).command)}",
    ]


def comment(text: str) -> str:
    """Return an untrusted text on one line, for the rest of a comment."""
    return " ".join(visible(text).split())


def quoted(text: str) -> str:
    r"""Return a text as a value of ENV or LABEL, in which nothing is expanded.

    Raises NoImageError for a text with control characters.

    >>> print(quoted('say "$HOME"'))
    "say \"\$HOME\""
    """
    if visible(text) != text or "\n" in text:
        reason = "a line of a Dockerfile cannot hold its control characters"
        raise NoImageError(ascii(text), reason)
    return '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def _variables(values: Mapping[str, str]) -> str:
    """Return names and values for ENV and LABEL, one per line."""
    return " \\\n    ".join(f"{name}={quoted(values[name])}" for name in sorted(values))


def _join(commands: Iterable[str]) -> str:
    """Return commands as one step, each on its own line."""
    return " \\\n && ".join(commands)
