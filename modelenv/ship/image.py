"""The content of an image as values, from which a Dockerfile or layers are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..base.indexes import AS_CONFIGURED, Indexes
from ..wheels.locked_environment import LockedEnvironment

Installer = Literal["pip", "uv"]

UV = "0.13.9"
"""The release of uv that installs, if uv is asked for."""

ROOT = "/opt/modelenv"
MODEL = f"{ROOT}/model"
"""The model folder in an image."""
MODEL_ENVIRONMENT = f"{ROOT}/model-environment"
SERVER_ENVIRONMENT = f"{ROOT}/server-environment"
USER = 10001
"""The user and group that everything runs as: numbers, so that the base's user list is kept."""
PORT = 8080

_EVERYWHERE = "0.0.0.0"  # noqa: S104  # the container's user decides who reaches it
# It asks this machine, so no proxy. The port is that in the container's arguments, if any.
_HEALTH = (
    "import http.client as h, re;"
    " told = re.findall(rb'\\0--port[\\0=](\\d+)', open('/proc/1/cmdline', 'rb').read());"
    " c = h.HTTPConnection('127.0.0.1', int((told or [{port}])[-1]), timeout=4);"
    " c.request('GET', '/ready'); raise SystemExit(c.getresponse().status != 200)"
)
_OF_ALL = {
    "HOME": "/tmp",  # noqa: S108  # it is the image's
    "LOGNAME": "model",
    "MODELENV_IMAGE": MODEL_ENVIRONMENT,
    "PYTHONDONTWRITEBYTECODE": "1",
    "USER": "model",
}
UNSET = (
    "PYTHONBREAKPOINT",
    "PYTHONCASEOK",
    "PYTHONDEVMODE",
    "PYTHONEXECUTABLE",
    "PYTHONHASHSEED",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONINTMAXSTRDIGITS",
    "PYTHONIOENCODING",
    "PYTHONMALLOC",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSAFEPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONUTF8",
    "PYTHONWARNINGS",
    "PYTHON_CPU_COUNT",
    "PYTHON_FROZEN_MODULES",
    "PYTHON_GIL",
    "PYTHON_JIT",
)
"""Variables that change imports or runs of Python; no image takes them from its base.

Python treats each as unset if it is empty, except PYTHONTZPATH, which is therefore not listed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOptions:
    """The options of an image, besides the model."""

    base: str | None = None
    """The base image; None for the slim one of the model's Python."""
    platform: str | None = None
    """The platform, as ``linux/arm64``; None for Linux on this machine's architecture."""
    server: bool = True
    """Whether the image has the server, too."""
    wheelhouse: bool = False
    """Whether every wheel is in the context, so that no index is asked."""
    installer: Installer = "pip"
    snapshot: str | None = None
    """The date of Debian's packages, as ``20261101T000000Z``; None for the current ones."""
    system_packages: tuple[str, ...] = ()
    """Debian packages besides those that the evidence asks for."""
    build_args: Mapping[str, str] = field(default_factory=dict)
    indexes: Indexes = AS_CONFIGURED


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPackage:
    """A Debian package that the image needs, and why."""

    package: str
    why: str
    """The reason, as ``libgomp.so.1 for lightgbm``, ``time zones, read by dateutil``."""
    seen: str = ""
    """The version on the author's machine; empty if it was not seen there."""
    asks: tuple[str, ...] = ()
    """The needed parts: sonames, programs by name, other files by path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlan:
    """Everything that an image is made of."""

    folder: Path
    """The model folder."""
    python: str
    """The minor version of the model's Python: ``3.11``."""
    base: str
    platform: str
    """The platform, as ``linux/amd64``."""
    model: LockedEnvironment
    server: LockedEnvironment | None
    """The server's environment; None if the image has no server."""
    packages: tuple[SystemPackage, ...]
    variables: Mapping[str, str]
    """Variables of the recorded prediction: PYTHONHASHSEED, numbers of threads."""
    labels: Mapping[str, str]
    """OCI annotations of the model: its verdict, the digest of its lock."""
    needs: tuple[str, ...]
    """Sentences on what a user has to provide at run time: paths to mount, hosts to reach."""
    epoch: int
    """SOURCE_DATE_EPOCH: the time when the model was made, in seconds since 1970."""
    options: ImageOptions
    tools: LockedEnvironment | None = None
    """Tools besides pip that install the environments in the building stage, or None."""

    @property
    def locks(self) -> tuple[LockedEnvironment, ...]:
        """Return everything that is locked: the environments, and the tools that install them."""
        return (*self.environments, *([] if self.tools is None else [self.tools]))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the variables that a build needs: the logins of its indexes."""
        return tuple(dict.fromkeys(name for each in self.locks for name in each.variables))

    @property
    def environments(self) -> tuple[LockedEnvironment, ...]:
        """Return the environments in the image, the one that changes least first."""
        return (self.model,) if self.server is None else (self.server, self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The configuration by which an image is run."""

    variables: Mapping[str, str]
    """The variables of every image; those of the model are in its plan."""
    user: str
    folder: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    port: int | None
    """The port it listens on, or None."""
    health: tuple[str, ...]
    """The health check's command; empty if there is none."""
    health_seconds: tuple[int, int, int]
    """Seconds between health checks, for one check, and of grace at the start."""

    @classmethod
    def of(cls, plan: ImagePlan) -> Runtime:
        """Return how the image of a plan runs: its server, or the model's Python if it has none."""
        serves = plan.server is not None
        model = f"{served_name(plan.folder.name)}={MODEL}"
        python = f"{SERVER_ENVIRONMENT}/bin/python"
        serve = ("serve", "-m", model, "--host", _EVERYWHERE, "--port", str(PORT))
        entry = (
            f"{SERVER_ENVIRONMENT}/bin/modelenv" if serves else f"{MODEL_ENVIRONMENT}/bin/python"
        )
        return cls(
            variables=_OF_ALL,
            user=f"{USER}:{USER}",
            folder=ROOT,
            entrypoint=(entry,),
            command=serve if serves else ("-i",),
            port=PORT if serves else None,
            health=(python, "-I", "-c", _HEALTH.format(port=PORT)) if serves else (),
            health_seconds=(30, 5, 120),
        )


def served_name(name: str) -> str:
    """Return the name under which a model is served, for the name of its folder.

    >>> served_name("wine_model"), served_name("my model (2)")
    ('wine_model', 'my-model-2')
    """
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "model"
