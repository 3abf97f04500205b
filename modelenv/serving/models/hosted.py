"""The served models: the facts in their folders, and their workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import invalid_input, model_failed, no_such_model, not_ready
from ..watching.unforeseen import Unforeseen
from ..workers.asked import Left
from ..workers.channel import Answer
from ..workers.crew import Reason
from ..workers.pool import Counts, Pool


@dataclass(eq=False, slots=True, kw_only=True)
class Hosted:
    """A model under a name, for one state of its folder."""

    name: str
    version: str
    """A digest of the folder's content."""
    like: Mapping[str, Any]
    """The description of its example."""
    prediction: Mapping[str, Any]
    """The description of the prediction on its example."""
    signature: Mapping[str, Any]
    """Its ``inputs``, ``outputs`` and ``params``, as MLmodel states them."""
    pool: Pool
    unforeseen: Unforeseen | None = None
    """Touches that its capture never saw; None if it is not watched."""
    environment: str = ""
    """Its environment: ``a replica, sealed by namespaces``."""
    successor: Hosted | None = None
    """The model that has replaced it, or None."""
    earlier: tuple[Counts, Counter[Reason]] | None = None
    """The counts of its predecessors, which are carried on."""

    async def ask(
        self, head: Mapping[str, Any], body: Sequence[bytes], left: Left | None = None
    ) -> Answer:
        """Return a worker's answer with a prediction. Raises RequestError.

        `left` returns once the client has left.
        """
        if self.successor is not None and self.pool.closing:  # it was replaced in the meantime
            return await self.successor.ask(head, body, left)
        told, data = await self.pool.ask(head, body, left)
        if "ok" in told:
            return told, data
        refused = "refused" in told
        error = invalid_input(str(told.get("text"))) if refused else model_failed(told)
        error.worker_told = told
        raise error

    @property
    def ready(self) -> bool:
        """Whether the model can predict."""
        return self.pool.ready

    @property
    def cause(self) -> str | None:
        """The reason why it cannot predict; None if it can."""
        return self.pool.cause

    @property
    def counts(self) -> Counts:
        """The counts under its name so far."""
        own = self.pool.counts
        if self.earlier is None:
            return own
        past = self.earlier[0]
        return Counts(
            own.refused + past.refused, own.queued + past.queued, own.predicted + past.predicted
        )

    @property
    def replaced(self) -> Counter[Reason]:
        """The number of workers replaced under its name, by the reason."""
        past: Counter[Reason] = Counter() if self.earlier is None else self.earlier[1]
        return self.pool.crew.replaced + past

    def follow(self, older: Hosted) -> None:
        """Take the place of `older`, and continue its counts."""
        self.earlier = older.counts, older.replaced
        if self.unforeseen is not None and older.unforeseen is not None:
            self.unforeseen.follow(older.unforeseen)
        older.successor = self

    def settle(self) -> None:
        """Report and store its workers' recent touches; this reads and writes files."""
        if self.unforeseen is not None:
            self.unforeseen.settle()


@dataclass(slots=True)
class State:
    """The state of a served name."""

    hosted: Hosted | None = None
    trouble: str | None = None
    """The reason why its folder's new content is not served; None if it is."""
    reloads: int = 0
    failures: int = 0

    @property
    def ready(self) -> bool:
        """Whether requests to it are answered."""
        return self.hosted is not None and self.hosted.ready

    @property
    def cause(self) -> str | None:
        """The reason why it does not answer; None if it does."""
        if self.hosted is None:
            return "it is being loaded"
        cause = self.hosted.cause
        return cause if cause is None or self.trouble is None else f"{cause}: {self.trouble}"


class HostedModels:
    """The models of a server by name; `default` is for paths without a name."""

    def __init__(self, names: Sequence[str], default: str | None = None) -> None:
        self._states = {name: State() for name in names}
        self._default = default
        self.stopping = False
        """Whether the server is stopping, and takes no more requests."""

    def __iter__(self) -> Iterator[Hosted]:
        """Yield the loaded models."""
        return iter([state.hosted for state in self._states.values() if state.hosted is not None])

    def states(self) -> Iterator[tuple[str, State]]:
        """Yield each name with its state."""
        return iter(self._states.items())

    @property
    def ready(self) -> bool:
        """Whether every model can predict."""
        return not self.stopping and all(state.ready for state in self._states.values())

    @property
    def causes(self) -> list[str]:
        """Reasons why models do not answer, one sentence each."""
        if self.stopping:
            return ["the server is stopping"]
        states = self._states.items()
        return [f"{name}: {state.cause}" for name, state in states if state.cause is not None]

    @property
    def troubles(self) -> list[str]:
        """Faults of folders whose old content is still served, one sentence each."""
        states = self._states.items()
        return [f"{name}: {state.trouble}" for name, state in states if state.trouble is not None]

    @property
    def default(self) -> Hosted:
        """The model for requests without a name. Raises RequestError."""
        if self._default is None:
            raise no_such_model(
                f"there are several models: name one in the path, of {', '.join(self._states)}"
            )
        return self.named(self._default)

    def named(self, name: str, version: str | None = None) -> Hosted:
        """Return a model. Raises RequestError if there is none of that name and version."""
        state = self._states.get(name)
        if state is None:
            raise no_such_model(f"there is no model {name!r}; the models are {self._listed}")
        hosted = state.hosted
        if hosted is None:
            raise not_ready(f"the model {name} is being loaded")
        if version is not None and version != hosted.version:
            raise no_such_model(
                f"there is no version {version!r} of {name} here; there is {hosted.version}"
            )
        return hosted

    def put(self, hosted: Hosted) -> Hosted | None:
        """Serve a model from now on; return the one that it replaces."""
        state = self._states[hosted.name]
        older, state.hosted, state.trouble = state.hosted, hosted, None
        if older is not None:
            hosted.follow(older)
            state.reloads += 1
        return older

    def keep(self, name: str, trouble: str) -> None:
        """Record that a folder's new content cannot be served, while the old one is."""
        state = self._states[name]
        state.trouble = trouble
        state.failures += 1

    @property
    def _listed(self) -> str:
        return ", ".join(self._states)
