"""Metrics in the format of Prometheus.

A request costs two additions to plain dictionaries; the page is made from them on request.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..models.hosted import Hosted, HostedModels
from ..workers.pool import Counts

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(slots=True)
class Histogram:
    """The number of requests by duration."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    """The number in each bucket, by its upper bound; the last bucket has none."""
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one request."""
        self.counts[bisect_left(_BOUNDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Return the upper bounds as text, each with its cumulative count."""
        found, sum_ = [], 0
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self.counts, strict=True):
            sum_ += count
            found.append((bound, float(sum_)))
        return found


class Metrics:
    """The counters of a server, in a registry of their own rather than the process's."""

    def __init__(self, models: HostedModels) -> None:
        from prometheus_client import CollectorRegistry

        self._models = models
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: defaultdict[tuple[str, str], Histogram] = defaultdict(Histogram)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count(self, model: str, route: str, status: int, seconds: float) -> None:
        """Count an answer; `model` is empty if no model was found."""
        self._requests[model, route, status] += 1
        self._seconds[model, route].add(seconds)

    def page(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics for the registry."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily(
            "modelenv_requests", "Requests answered.", labels=("model", "route", "status")
        )
        for (model, route, status), count in list(self._requests.items()):
            requests.add_metric((model, route, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily(
            "modelenv_request_seconds", "Seconds to the answer.", labels=("model", "route")
        )
        for labels, found in list(self._seconds.items()):
            seconds.add_metric(labels, found.buckets(), found.total)
        yield seconds
        hosted = list(self._models)
        yield from _of_pools(hosted)
        yield from _of_workers(hosted)
        yield from _of_models(self._models)
        yield from _of_watching(hosted)


def _of_pools(hosted: Iterable[Hosted]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    for name, (said, now) in _GAUGES.items():
        gauge = GaugeMetricFamily(f"modelenv_{name}", said, labels=("model",))
        for one in hosted:
            gauge.add_metric((one.name,), now(one))
        yield gauge
    for name, (said, so_far) in _COUNTERS.items():
        counter = CounterMetricFamily(f"modelenv_{name}", said, labels=("model",))
        for one in hosted:
            counter.add_metric((one.name,), so_far(one.counts))
        yield counter


_GAUGES: Mapping[str, tuple[str, Callable[[Hosted], float]]] = {
    "queue_length": ("Requests that wait for a worker.", lambda one: one.pool.waiting),
    "workers": ("Workers that are alive.", lambda one: len(one.pool.crew.alive)),
    "workers_busy": ("Workers that predict.", lambda one: one.pool.busy),
}
_COUNTERS: Mapping[str, tuple[str, Callable[[Counts], float]]] = {
    "refused": ("Requests that found the queue full.", lambda counts: counts.refused),
    "queue_seconds": ("Seconds waited for a worker.", lambda counts: counts.queued),
    "predict_seconds": ("Seconds that workers took.", lambda counts: counts.predicted),
}


def _of_workers(hosted: Iterable[Hosted]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    restarts = CounterMetricFamily(
        "modelenv_worker_restarts", "Workers replaced.", labels=("model", "reason")
    )
    memory = GaugeMetricFamily(
        "modelenv_worker_memory_bytes", "Resident memory.", labels=("model", "worker")
    )
    for one in hosted:
        for reason, count in one.replaced.items():
            restarts.add_metric((one.name, reason), count)
        for worker in one.pool.crew.alive:
            if worker.memory is not None:
                memory.add_metric((one.name, str(worker.pid)), worker.memory)
    yield restarts
    yield memory


def _of_watching(hosted: Iterable[Hosted]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    unforeseen = CounterMetricFamily(
        "modelenv_unforeseen",
        "Touches of a model that its capture never saw.",
        labels=("model", "kind", "weight"),
    )
    for one in hosted:
        for (kind, weight), count in one.unforeseen.counts.items() if one.unforeseen else ():
            unforeseen.add_metric((one.name, kind, weight), count)
    yield unforeseen
    uncounted = CounterMetricFamily(
        "modelenv_unforeseen_uncounted",
        "Such touches without a stored name, because there were too many.",
        labels=("model",),
    )
    for one in hosted:
        if one.unforeseen is not None:
            uncounted.add_metric((one.name,), one.unforeseen.uncounted)
    yield uncounted


def _of_models(models: HostedModels) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    info = GaugeMetricFamily(
        "modelenv_model_info", "1, for each model.", labels=("model", "version", "environment")
    )
    ready = GaugeMetricFamily("modelenv_ready", "Whether the model can predict.", labels=("model",))
    reloads = CounterMetricFamily(
        "modelenv_reloads", "Folders that were reloaded.", labels=("model",)
    )
    failures = CounterMetricFamily(
        "modelenv_reload_failures", "Folders that could not be reloaded.", labels=("model",)
    )
    for one in models:
        info.add_metric((one.name, one.version, one.environment), 1)
    for name, status in models.states():
        ready.add_metric((name,), float(status.ready))
        reloads.add_metric((name,), status.reloads)
        failures.add_metric((name,), status.failures)
    yield from (info, ready, reloads, failures)
