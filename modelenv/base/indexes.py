"""The indexes of one call, which override those that pip is configured with."""

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
"""The value of `as_of` that means the date of the model in the folder."""


@dataclass(frozen=True, slots=True)
class ModelDates:
    """The dates that a model folder records, in UTC."""

    folder: str = ""
    made: datetime | None = None
    """When the model was made; None: not recorded."""
    chosen: datetime | None = None
    """The date for resolving its packages, now and later: files that an index received later do not
    count. None: no limit."""

    def forgotten(self) -> ModelDates:
        """Return them without the date for resolving packages."""
        return replace(self, chosen=None)


UNDATED = ModelDates()
"""The dates of a model without a folder, or of one with no recorded dates."""


def _at_home(location: str) -> str:
    """Return a location with a leading ``~`` expanded as pip does, if the result exists."""
    meant = os.path.expanduser(location) if location.startswith("~") else location  # noqa: PTH111
    return meant if os.path.exists(meant) else location  # noqa: PTH110  # URLs are not paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """Indexes and folders of wheels for one call, named like the options of pip and uv.

    >>> list(Indexes(find_links="wheels", no_index=True).lines)
    ['--find-links wheels', '--no-index']
    """

    index_url: str = field(default="", repr=False)
    """The index that replaces every configured one; empty: those that are configured."""
    extra_index_urls: Sequence[str] = field(default=(), repr=False)
    """Indexes that are asked first, so that a public index never answers for a private name."""
    find_links: Sequence[str] = field(default=(), repr=False)
    """Folders of wheels, or pages that link to files."""
    no_index: bool = False
    """Whether only `find_links` is searched, and no index."""
    strategy: resolver.Strategy | None = None
    """Which indexes may answer for a name, as in uv; None: as the environment configures."""
    build: bool = False
    """Whether wheels are built from source distributions whose metadata lacks their requirements.
    """
    allow_variables: Sequence[str] = ()
    """Variables that the folder's own lines may send to a host, as ``TOKEN=https://host``, in
    addition to the hosts that are named here and in the user's pip, uv and netrc configuration.
    """
    as_of: str | date | datetime | None = None
    """The moment after which files received by an index are ignored: a day, as "2024-03-01" (its
    whole length, in UTC), a time, an age, as "30 days", or "model", the time when a folder's model
    was made. None: the moment that a folder records of its own resolution, else no limit.
    """
    own: Sequence[str] = field(default=(), repr=False)
    """Further lines of the user's own: the hosts that they name are known too."""

    def __post_init__(self) -> None:
        """Normalize texts to tuples; raise BadArgumentError for invalid values."""
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
        from .addresses.known_hosts import check_allowed  # its patterns are rarely needed

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
        """Return the hosts to which this call allows variables to be sent."""
        return Permit((*self.lines, *self.own), tuple(self.allow_variables))

    def knowing(self, lines: Iterable[str]) -> Indexes:
        """Return them with further lines of the user's own."""
        return replace(self, own=(*self.own, *(each for each in lines if each.strip())))

    def of_model(self, dates: ModelDates) -> Indexes:
        """Return the indexes for one model, with its recorded dates if those apply.

        Raises UndatedError if its folder does not record when it was made.
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
        """Return the moment as of which the indexes are read, in UTC; None: no limit.

        Raises UndatedError if that is the date of a model, and no folder is known.
        """
        if self.as_of == OF_THE_MODEL:
            raise UndatedError("what is being made", "there is no folder yet that could say it")
        return self.as_of if isinstance(self.as_of, datetime) else None

    @property
    def dated(self) -> str:
        """Return that moment as RFC 3339, as files record it; empty: no limit.

        Raises UndatedError as `moment` does.
        """
        return "" if self.moment is None else resolver.moment_text(self.moment)

    @property
    def settings(self) -> resolver.IndexSettings | None:
        """Return the other settings of index requests; None: as the environment configures."""
        if self.strategy is None and self.moment is None:
            return None
        said = resolver.IndexSettings.from_environment()
        return replace(said, strategy=self.strategy or said.strategy, as_of=self.moment)

    def telling(self, report: Callable[[str], None] | None) -> resolver.IndexSettings:
        """Return the index settings, with `report` called while waiting for a slow index."""
        return replace(self.settings or resolver.IndexSettings.from_environment(), tell=report)

    def builder(
        self,
        target: resolver.Target,
        environment: Mapping[str, str],
        report: Callable[[str], None],
        run: Callable[..., Any],
    ) -> resolver.WheelBuilder | None:
        """Return the builder of wheels for a target; None if none are to be built.

        Build requirements are taken from the same indexes. `run` runs the build backends.
        """
        if not self.build:
            return None
        found = {
            "PIP_INDEX_URL": self.index_url,
            "PIP_EXTRA_INDEX_URL": " ".join(self.extra_index_urls),
            "PIP_FIND_LINKS": " ".join(self.find_links),
            "PIP_NO_INDEX": "1" if self.no_index else "",
            "PIP_UPLOADED_PRIOR_TO": self.dated,  # pip 26 and newer; older releases ignore it
        }
        told = {name: value for name, value in found.items() if value}
        variables = {**environment, **told}
        return resolver.WheelBuilder.kept(target, variables, report, run, scratch_folder)


def _moment(said: str | date | datetime) -> datetime:
    """Return a moment in UTC. Raises BadArgumentError for any other value."""
    try:
        return resolver.read_moment(said)
    except resolver.MomentError as error:
        expected = f'a moment or "{OF_THE_MODEL}"'
        raise arguments.BadArgumentError("as_of", said, expected, error.reason) from error


AS_CONFIGURED = Indexes()
"""The indexes that pip is configured with, and no others."""
