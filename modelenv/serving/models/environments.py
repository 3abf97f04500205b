"""The environments of the served models; models with equal pins share one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from ...environments.spec import EnvironmentRequest, ReadyEnvironment
from ...run.isolated import RunOptions, environment_for


@dataclass(slots=True)
class Lease:
    """An environment in use by models; it is closed with the last of them."""

    request: EnvironmentRequest
    environment: ReadyEnvironment
    _stack: ExitStack
    users: int = 0


@dataclass(slots=True)
class Environments:
    """Open environments by content, opened and closed by a single thread."""

    options: RunOptions
    _leases: list[Lease] = field(default_factory=list)

    @classmethod
    @contextmanager
    def opened(cls, options: RunOptions) -> Iterator[Environments]:
        """Yield an empty set; environments still open at the end of the block are closed."""
        made = cls(options)
        try:
            yield made
        finally:
            with ExitStack() as stack:
                for lease in made._leases:
                    stack.push(lease._stack)

    def take(self, request: EnvironmentRequest) -> Lease:
        """Return a lease of the environment for a request, opening it if necessary.

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
        """End one lease; the environment is closed with its last lease."""
        lease.users -= 1
        if not lease.users:
            self._leases.remove(lease)
            lease._stack.close()


def _comparable(request: EnvironmentRequest) -> EnvironmentRequest:
    """Return a request without its folder's identity, if it needs no files from that folder."""
    if request.wheels:
        return request
    return replace(request, contents=replace(request.contents, wheels=None))
