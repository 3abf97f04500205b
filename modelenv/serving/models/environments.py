"""The environments of the models that are served: those of equal pins share one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from ...environments.spec import EnvironmentRequest, ReadyEnvironment
from ...run.isolated import RunOptions, environment_for


@dataclass(slots=True)
class Lease:
    """An environment that models use; it goes with the last of them."""

    request: EnvironmentRequest
    environment: ReadyEnvironment
    _stack: ExitStack
    users: int = 0


@dataclass(slots=True)
class Environments:
    """Open environments, by their content. One thread opens and closes them."""

    options: RunOptions
    _leases: list[Lease] = field(default_factory=list)

    @classmethod
    @contextmanager
    def opened(cls, options: RunOptions) -> Iterator[Environments]:
        """Yield none yet; what is there at the end of the block is closed."""
        made = cls(options)
        try:
            yield made
        finally:
            with ExitStack() as stack:
                for lease in made._leases:
                    stack.push(lease._stack)

    def take(self, request: EnvironmentRequest) -> Lease:
        """Return the environment that holds what is requested, for one more user.

        Raises the errors of the environment managers.
        """
        wanted = _comparable(request)
        lease = next((each for each in self._leases if each.request == wanted), None)
        if lease is None:
            with ExitStack() as stack:
                environment = stack.enter_context(environment_for(request, self.options))
                lease = Lease(wanted, environment, stack.pop_all())
            self._leases.append(lease)
        lease.users += 1
        return lease

    def release(self, lease: Lease) -> None:
        """Release one use; the environment is closed with the last one."""
        lease.users -= 1
        if not lease.users:
            self._leases.remove(lease)
            lease._stack.close()


def _comparable(request: EnvironmentRequest) -> EnvironmentRequest:
    """Return a request without what tells of the folder that it is of, where nothing lies there."""
    if request.wheels:
        return request
    return replace(request, contents=replace(request.contents, wheels=None))
