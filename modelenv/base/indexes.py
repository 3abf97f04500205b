"""Where a call finds what is not installed, over what pip is configured with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, get_args

from . import arguments
from .addresses.permit import Permit
from .errors import UndatedError
from .files.scratch import scratch_folder
from .siblings import resolver

OF_THE_MODEL = "model"
"""What `as_of` says for the date of the model in a folder."""


@dataclass(frozen=True, slots=True)
class ModelDates:
    """What the folder of a model says of time, in UTC."""

    folder: str = ""
    made: datetime | None = None
    """When it was made; None: it does not say."""
    chosen: datetime | None = None
    """As of when its packages were chosen, and are to be; None: whenever that is."""

    def forgotten(self) -> ModelDates:
        """Return them without as of when its packages were chosen."""
        return replace(self, chosen=None)


UNDATED = ModelDates()
"""Of what is no folder, or says nothing."""


def _at_home(location: str) -> str:
    """Return where a ``~`` leads, as pip does of its arguments, if anything is there."""
    meant = os.path.expanduser(location) if location.startswith("~") else location  # noqa: PTH111
    return meant if os.path.exists(meant) else location  # noqa: PTH110  # URLs are no paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """Indexes and folders of wheels, for one call; pip's options of these names, and uv's.

    >>> list(Indexes(find_links="wheels", no_index=True).lines)
    ['--find-links wheels', '--no-index']
    """

    index_url: str = field(default="", repr=False)
    """What stands for every index that is configured."""
    extra_index_urls: Sequence[str] = field(default=(), repr=False)
    """What is asked before these: a private name must not be answered by a public index."""
    find_links: Sequence[str] = field(default=(), repr=False)
    """Folders of wheels, or pages that name files."""
    no_index: bool = False
    """Whether no index is asked, only what `find_links` names."""
    strategy: resolver.Strategy | None = None
    """Which indexes answer for a name, as uv has it; None: what the environment says."""
    build: bool = False
    """Whether wheels are built of source distributions that do not say what they require."""
    allow_variables: Sequence[str] = ()
    """Which variables the folder's own lines may send where, as ``TOKEN=https://host``, besides
    the hosts that are named here and that the user's pip, uv and netrc name."""
    as_of: str | date | datetime | None = None
    """What an index received after this does not exist: a day, as "2024-03-01" (the whole of it, in
    UTC), a time, an age, as "30 days", or "model", the time when a folder's model was made. None:
    as of what a folder records of its own resolution, else everything exists."""
    own: Sequence[str] = field(default=(), repr=False)
    """Further lines of the user's own: the hosts that they name are known too."""

    def __post_init__(self) -> None:
        """Take any number of texts; raise BadArgumentError for what is none."""
        for name in ("extra_index_urls", "find_links", "allow_variables", "own"):
            object.__setattr__(self, name, tuple(arguments.texts(name, getattr(self, name))))
        object.__setattr__(self, "find_links", tuple(map(_at_home, self.find_links)))
        if self.allow_variables:
            self._check_variables()
        if self.strategy is not None:
            arguments.choice("strategy", self.strategy, get_args(resolver.Strategy))
        if self.as_of is not None and self.as_of != OF_THE_MODEL:
            object.__setattr__(self, "as_of", _moment(self.as_of))

    def _check_variables(self) -> None:
        from .addresses.known_hosts import check_allowed  # whose patterns are seldom needed

        for place, each in enumerate(self.allow_variables):
            if not check_allowed(each):
                expected = "a variable and a host that it may go to, as TOKEN=https://host"
                raise arguments.BadArgumentError(f"allow_variables[{place}]", each, expected)

    @property
    def lines(self) -> Iterator[str]:
        """Yield them as the option lines of a requirements file."""
        yield from ([f"--index-url {self.index_url}"] if self.index_url else [])
        yield from (f"--extra-index-url {each}" for each in self.extra_index_urls)
        yield from (f"--find-links {each}" for each in self.find_links)
        yield from (["--no-index"] if self.no_index else [])

    @property
    def permit(self) -> Permit:
        """Return which hosts variables may go to, as far as this call says."""
        return Permit((*self.lines, *self.own), tuple(self.allow_variables))

    def knowing(self, lines: Iterable[str]) -> Indexes:
        """Return them with further lines of the user's own."""
        return replace(self, own=(*self.own, *(each for each in lines if each.strip())))

    def of_model(self, dates: ModelDates) -> Indexes:
        """Return them as they are asked for a model: as of its own dates where those are meant.

        Raises UndatedError where its folder does not say when it was made.
        """
        if self.as_of is None:
            return self if dates.chosen is None else replace(self, as_of=dates.chosen)
        if self.as_of != OF_THE_MODEL:
            return self
        if dates.made is None:
            raise UndatedError(dates.folder, "nothing in it says when it was made")
        return replace(self, as_of=dates.made)

    @property
    def moment(self) -> datetime | None:
        """Return as of when they are asked, in UTC; None: everything exists.

        Raises UndatedError where that is the date of a model, and no folder is at hand.
        """
        if self.as_of == OF_THE_MODEL:
            raise UndatedError("what is being made", "there is no folder yet that could say it")
        return self.as_of if isinstance(self.as_of, datetime) else None

    @property
    def dated(self) -> str:
        """Return as of when they are asked, as files have it (RFC 3339); empty: nobody says.

        Raises UndatedError as `moment` does.
        """
        return "" if self.moment is None else resolver.moment_text(self.moment)

    @property
    def settings(self) -> resolver.IndexSettings | None:
        """Return what asking an index depends on besides; None: what the environment says."""
        if self.strategy is None and self.moment is None:
            return None
        said = resolver.IndexSettings.from_environment()
        return replace(said, strategy=self.strategy or said.strategy, as_of=self.moment)

    def telling(self, report: Callable[[str], None] | None) -> resolver.IndexSettings:
        """Return the settings, with who is told what is waited for where an index is slow."""
        return replace(self.settings or resolver.IndexSettings.from_environment(), tell=report)

    def builder(
        self,
        target: resolver.Target,
        environment: Mapping[str, str],
        report: Callable[[str], None],
        run: Callable[..., Any],
    ) -> resolver.WheelBuilder | None:
        """Return what builds wheels for a target; None where none are to be built.

        What the build backends need is taken from the same indexes. `run` runs what builds.
        """
        if not self.build:
            return None
        found = {
            "PIP_INDEX_URL": self.index_url,
            "PIP_EXTRA_INDEX_URL": " ".join(self.extra_index_urls),
            "PIP_FIND_LINKS": " ".join(self.find_links),
            "PIP_NO_INDEX": "1" if self.no_index else "",
            "PIP_UPLOADED_PRIOR_TO": self.dated,  # pip 26 and newer; others pass over it
        }
        told = {name: value for name, value in found.items() if value}
        variables = {**environment, **told}
        return resolver.WheelBuilder.kept(target, variables, report, run, scratch_folder)


def _moment(said: str | date | datetime) -> datetime:
    """Return a time of UTC. Raises BadArgumentError for what says none."""
    try:
        return resolver.read_moment(said)
    except resolver.MomentError as error:
        expected = f'a moment or "{OF_THE_MODEL}"'
        raise arguments.BadArgumentError("as_of", said, expected, error.reason) from error


AS_CONFIGURED = Indexes()
"""What pip is configured with, and nothing else."""
