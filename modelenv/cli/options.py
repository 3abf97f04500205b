"""The options and output formats that several subcommands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .shared.bundles import bundle, together
from .shared.look.loudness import loudness_options
from .shared.progress import Progress, progress_option
from .shared.terminal import echo_json
from .shared.values.model_place import ModelPlace, PathType
from .shared.values.overrides import split_override
from .shared.values.sizes import size
from .shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

    from ..base.indexes import Indexes
    from ..base.siblings import resolver
    from ..environments.spec import Manager, Report
    from ..run.isolated import RunOptions
    from ..seal.seals import Wanted

PATH = PathType()
FILE = PathType(dir_okay=False)
MODEL_TO_READ = ModelPlace(to_read=True)
MODEL_TO_CHANGE = ModelPlace(to_read=False)

json_option = together(
    click.option("--json", "as_json", is_flag=True, help="Report as one JSON document."),
    loudness_options,
)

model_option = click.option(
    "-m",
    "--model",
    "model",
    type=MODEL_TO_READ,
    required=True,
    metavar="FOLDER",
    help="The model folder, or a URI of MLflow's: runs:/…, models:/….",
)

changed_model_option = click.option(
    "-m",
    "--model",
    "model",
    type=MODEL_TO_CHANGE,
    required=True,
    metavar="FOLDER",
    help="The model folder.",
)

manager_option = click.option(
    "--env-manager",
    type=click.Choice(["auto", "replica", "uv", "virtualenv", "conda", "local", "image"]),
    default="auto",
    show_default=True,
    help="A replica of links to installed files, a built environment, or this interpreter; in an "
    "image, the environment that was built into it.",
)

environment_option = click.option(
    "--environment",
    type=FILE,
    metavar="FILE",
    help="A packed environment (`modelenv pack`) to run in: nothing is built, no index is asked.",
)

python_option = click.option(
    "--python",
    metavar="PYTHON",
    help="Another Python than the model's own: a version, as 3.14, or an interpreter.",
)

allow_host_option = click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="A host that the model may reach; may be repeated.",
)
allow_path_option = click.option(
    "--allow-path",
    "allow_paths",
    type=PATH,
    multiple=True,
    metavar="PATH",
    help="A file or folder that the model may read; may be repeated.",
)
seal_options = (
    click.option(
        "--seal",
        type=click.Choice(["auto", "namespaces", "landlock", "watch", "off"]),
        default="auto",
        show_default=True,
        help="What separates a run from this machine: the strongest seal that it has, or this one.",
    ),
    allow_host_option,
    allow_path_option,
)

timeout_option = click.option(
    "--timeout", type=float, default=600.0, show_default=True, help="Seconds a run may take."
)

override_option = click.option(
    "--pip-requirements-override",
    "override",
    metavar="LINES",
    help="Requirements, separated by commas, that replace pins or are added for this run alone.",
)

limiting_options = (
    click.option(
        "--memory-limit",
        "memory",
        type=size,
        metavar="SIZE",
        help="Memory that each process of the model may take, as 512M, 1.5 GB or 4GiB.",
    ),
    click.option(
        "--allow-changed",
        is_flag=True,
        help="Run a model although its data was changed since it was saved.",
    ),
)


def lines_or_files(_: object, __: object, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return requirement lines; a word that is the path of a file is replaced by its lines."""
    from ..base.arguments import is_file

    return tuple(f"-r {word}" if is_file(word) else word for word in words)


constraint_option = click.option(
    "-c",
    "--constraint",
    "constraints",
    multiple=True,
    callback=lines_or_files,
    metavar="LINE|FILE",
    help="Narrow versions, adding nothing; may be repeated.",
)


selection_options = together(
    click.option(
        "--group",
        "groups",
        multiple=True,
        metavar="NAME",
        help="A dependency group of the project or lock that is given as a list; may be repeated.",
    ),
    click.option(
        "--extra",
        "extras",
        multiple=True,
        metavar="NAME",
        help="An extra of the project or lock that is given as a list; may be repeated.",
    ),
)


def _indexes(
    *,
    index_url: str,
    extra_index_urls: tuple[str, ...],
    find_links: tuple[str, ...],
    no_index: bool,
    strategy: resolver.Strategy | None,
    build: bool,
    allow_variables: tuple[str, ...],
    as_of: str | None,
) -> Indexes:
    """Return the indexes of a call."""
    from ..base.indexes import Indexes

    return Indexes(
        index_url=index_url,
        extra_index_urls=extra_index_urls,
        find_links=find_links,
        no_index=no_index,
        strategy=strategy,
        build=build,
        allow_variables=allow_variables,
        as_of=as_of,
    )


index_options = bundle(
    "indexes",
    _indexes,
    click.option(
        "--index-url",
        default="",
        metavar="URL",
        help="The index that replaces all configured ones.",
    ),
    click.option(
        "--extra-index-url",
        "extra_index_urls",
        multiple=True,
        metavar="URL",
        help="An index to ask before these; may be repeated.",
    ),
    click.option(
        "--find-links",
        multiple=True,
        metavar="PLACE",
        help="A folder of wheels, or a page that names files; may be repeated.",
    ),
    click.option(
        "--no-index",
        is_flag=True,
        help="Ask no index: only places of --find-links, those too that pip is configured with, the"
        " folder's wheels and what is installed.",
    ),
    click.option(
        "--index-strategy",
        "strategy",
        type=click.Choice(["first-index", "unsafe-first-match", "unsafe-best-match"]),
        help="Which indexes answer for a name: only the first that has it; the next ones too, if "
        "nothing of it fits; or all.  [default: first-index]",
    ),
    click.option(
        "--build",
        is_flag=True,
        help="Build wheels of source distributions that do not say what they require.",
    ),
    click.option(
        "--allow-variable",
        "allow_variables",
        multiple=True,
        metavar="NAME=HOST",
        help="A variable that the folder's lines may send to a host which your pip and uv do not"
        " name; may be repeated.",
    ),
    click.option(
        "--as-of",
        "--exclude-newer",
        "as_of",
        metavar="DATE|model",
        help="Ignore later uploads to an index. A day (2024-03-01), a time, an age ('30 days'), or "
        "`model`: when it was made.",
    ),
)
"""The options for resolving, as an `Indexes`."""

upgrade_option = click.option(
    "--upgrade",
    is_flag=True,
    help="Take the newest versions of what no line pins, and forget the recorded date.",
)


def progress() -> Report:
    """Return a function that prints each stage on a line, if the command reports progress."""
    return Progress.of_command().line


def _run(
    *,
    env_manager: Manager,
    timeout: float = 600.0,
    override: str | None = None,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: tuple[str, ...] = (),
    allow_paths: tuple[Path, ...] = (),
    indexes: Indexes | None = None,
    environment: Path | None = None,
) -> RunOptions:
    """Return the options of a run, without its progress."""
    from ..base.indexes import AS_CONFIGURED
    from ..run.isolated import RunOptions
    from ..seal.choose import SealRequest

    return RunOptions(
        manager=env_manager,
        timeout=timeout,
        memory=memory,
        override=split_override(override),
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes or AS_CONFIGURED,
        environment=environment,
    )


trial_options = bundle(
    "how",
    _run,
    manager_option,
    timeout_option,
    *seal_options,
    index_options,
    progress_option,
)
"""The options for running a model as it is, as a `RunOptions`."""

_of_a_run = (
    override_option,
    timeout_option,
    *limiting_options,
    *seal_options,
    index_options,
    progress_option,
)
run_options = bundle("how", _run, manager_option, environment_option, *_of_a_run)
"""All the options of one run, as a `RunOptions`."""

runs_options = bundle("how", _run, manager_option, *_of_a_run)
"""The options of runs of many models, each in its own environment, as a `RunOptions`."""

served_options = bundle(
    "how",
    _run,
    manager_option,
    environment_option,
    override_option,
    *limiting_options,
    *seal_options,
    index_options,
    progress_option,
)
"""The options for serving a model, as a `RunOptions`, without the time limit of one run."""


def check_output(file: Path | None) -> None:
    """Raise WrongUseError if `file` cannot be written, before the work instead of after it."""
    if file is None:
        return
    if file.is_dir():
        raise wrong_use(f"{file} is a folder: name a file in it")
    if not file.absolute().parent.is_dir():
        raise wrong_use(f"there is no folder {file.absolute().parent}")


def report(value: Any, *, as_json: bool) -> None:
    """Print a result: as a page or its own words, or its JSON."""
    from .shared.look.tell import tell

    (echo_json(value.to_json()) if as_json else tell(value))
