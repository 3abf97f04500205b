"""How an image of a model runs: its variables, user, command and health check, as values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..image import MODEL, MODEL_ENVIRONMENT, PORT, ROOT, SERVER_ENVIRONMENT, USER, ImagePlan

_EVERYWHERE = "0.0.0.0"  # noqa: S104  # whoever runs it says from where it is reached
# No proxy is asked: it is this machine.
_HEALTH = (
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout=4);"
    " c.request('GET', '/ready'); raise SystemExit(c.getresponse().status != 200)"
)
_OF_ALL = {
    "HOME": "/tmp",  # noqa: S108  # it is the image's
    "LOGNAME": "model",
    "MODELENV_IMAGE": MODEL_ENVIRONMENT,
    "PYTHONDONTWRITEBYTECODE": "1",
    "USER": "model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What an image says of how it is run."""

    variables: Mapping[str, str]
    user: str
    folder: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    port: int | None
    """Where it answers; None: it does not."""
    health: tuple[str, ...]
    """The command that tells whether it is well; none: nothing does."""
    health_seconds: tuple[int, int, int]
    """How often it is asked, how long that may take, and for how long it may fail at first."""


def of(plan: ImagePlan) -> Runtime:
    """Return how the image of a plan runs: the server, or without one the model's Python."""
    serves = plan.server is not None
    model = f"{served_name(plan.folder.name)}={MODEL}"
    python = f"{SERVER_ENVIRONMENT}/bin/python"
    serve = ("serve", "-m", model, "--host", _EVERYWHERE, "--port", str(PORT))
    entry = f"{SERVER_ENVIRONMENT}/bin/modelenv" if serves else f"{MODEL_ENVIRONMENT}/bin/python"
    return Runtime(
        variables={**_OF_ALL, **plan.variables},
        user=f"{USER}:{USER}",
        folder=ROOT,
        entrypoint=(entry,),
        command=serve if serves else ("-i",),
        port=PORT if serves else None,
        health=(python, "-I", "-c", _HEALTH.format(port=PORT)) if serves else (),
        health_seconds=(30, 5, 120),
    )


def served_name(name: str) -> str:
    """Return the name under which a model is served, of what its folder is called.

    >>> served_name("wine_model"), served_name("my model (2)")
    ('wine_model', 'my-model-2')
    """
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "model"
