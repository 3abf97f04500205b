"""``modelenv serve``: an HTTP server for saved models."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from ..options import FILE, served_options
from ..shared.progress import Progress
from ..shared.values.sizes import size

if TYPE_CHECKING:
    from pathlib import Path

    from ...run.isolated import RunOptions
    from ...serving.observing.log import Form
    from ..shared.look.blocks import Page

_SERVING = "serving"


@click.command()
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    required=True,
    metavar="[NAME=]FOLDER",
    help="A model folder, or a URI of MLflow's, and maybe its name here; may be repeated.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=int, default=5000, show_default=True, help="0 takes a free one.")
@click.option(
    "--workers", type=int, default=1, show_default=True, metavar="N", help="Processes of a model."
)
@click.option(
    "--timeout",
    "within",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="From a request to its answer, waiting included.",
)
@click.option(
    "--start-timeout",
    type=float,
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="The time that loading a model may take.",
)
@click.option(
    "--queue",
    type=int,
    default=100,
    show_default=True,
    metavar="N",
    help="Requests of a model that may wait for a worker.",
)
@click.option(
    "--max-body",
    type=size,
    default="100MB",
    show_default=True,
    metavar="SIZE",
    help="The largest body of a request.",
)
@click.option(
    "--grace",
    type=float,
    default=25.0,
    show_default=True,
    metavar="SECONDS",
    help="The time for requests in progress when the server is stopped.",
)
@click.option("--reload", is_flag=True, help="Take a folder's new content as soon as it changes.")
@click.option(
    "--batch",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="Join the rows of up to N requests: right only if each row is predicted independently.",
)
@click.option(
    "--batch-wait",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="MS",
    help="Milliseconds that a free worker waits for them.",
)
@click.option(
    "--log-format",
    type=click.Choice(["json", "text"]),
    help="The form of the log on standard output.  [default: text on a terminal, else json]",
)
@click.option(
    "--watch/--no-watch",
    default=True,
    help="Report what a model touches and its capture never saw.  [default: watch]",
)
@click.option(
    "--watch-log",
    type=FILE,
    metavar="FILE",
    help="The file of these findings, for `modelenv diagnose`.  [default: in your folder for "
    "state]",
)
@served_options
def serve(
    models: tuple[str, ...],
    host: str,
    port: int,
    workers: int,
    within: float,
    start_timeout: float,
    queue: int,
    max_body: int,
    grace: float,
    batch: int,
    batch_wait: float,
    log_format: Form | None,
    how: RunOptions,
    *,
    reload: bool,
    watch: bool,
    watch_log: Path | None,
) -> None:
    """Answer HTTP with saved models, each in an environment of its own.

    /invocations speaks MLflow's scoring protocol, /v2 the Open Inference Protocol; /ready, /live
    and /metrics are for operators, /docs is a page to try it. SIGTERM or Ctrl-C stops it in order,
    SIGHUP reloads changed folders.

    \b
    Examples:
      modelenv serve -m churn_model
      modelenv serve -m churn=models/7 -m fraud=models/9 --workers 4
      modelenv serve -m churn_model --port 8080 --host 0.0.0.0 --reload
      curl http://127.0.0.1:5000/invocations -H 'Content-Type: application/json' \\
        --data-binary @new.json

    In new.json stands what `predict -i new.json` takes; /docs shows a line with the model's own
    example.
    """
    from dataclasses import replace

    from ...serving.models.opening import places
    from ...serving.server import ServerOptions, serve_places
    from ...serving.workers.pool import Limits

    options = ServerOptions(
        host=host,
        port=port,
        limits=Limits(
            workers=workers,
            timeout=within,
            queue=queue,
            batch=batch,
            batch_wait=batch_wait / 1000,
        ),
        start_timeout=start_timeout,
        largest=max_body,
        grace=grace,
        reload=reload,
        watch=watch,
        watch_log=watch_log,
        log=log_format or ("text" if sys.stdout.isatty() else "json"),
    )
    with Progress.of_command() as tell:
        serve_places(places(models), options, replace(how, report=tell), partial(_started, tell))


def _started(tell: Progress, said: str) -> None:
    """Print that models are served, and where."""

    def make() -> Page:
        from ..shared.look.blocks import Facts, Headline, Prose

        names, _, url = said.removeprefix(f"{_SERVING} ").rpartition(" on ")
        return (
            Headline(f"{names} on {url}", "good", _SERVING),
            Facts("requests and examples", (f"{url}/docs",), whole=True),
            Prose("Ctrl-C stops it", is_aside=True),
        )

    tell.note(said, make)
