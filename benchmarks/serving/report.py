"""The figures as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from ..results.figures import Figure
from .measures import Figures
from .servers import Load


def text(found: Figures) -> str:
    """Return the tables of what was measured."""
    return "\n".join([*_loads(found.loads), *_memory(found), *_web(found.web), *_rest(found)])


def figures(found: Figures) -> Iterator[Figure]:
    """Yield the figures of each server, in its tool's name."""
    for name, rounds in found.loads.items():
        who = "modelenv" if name.startswith("modelenv") else name
        text = f"answers a second{name.removeprefix(who)}"
        yield Figure(text, median(each.rate for each in rounds), "answers", who=who)
        cpu = median(each.all for each in rounds) * 1e3
        yield Figure(f"an answer{name.removeprefix(who)}", cpu, "CPU ms", who=who)
    for name, (_, megabytes) in found.memory.items():
        who = "modelenv" if name.startswith("modelenv") else name
        yield Figure(f"memory of a server{name.removeprefix(who)}", megabytes, "MB", who=who)
    for name, waits in found.starts.items():
        who, text = name.partition(",")[0], "from the command to the first answer"
        yield Figure(f"{text}{name.removeprefix(who)}", median(waits), "s", who=who)


def _loads(loads: Mapping[str, Sequence[Load]]) -> Iterator[str]:
    if not loads:
        return
    yield "| server | answers/s | modelenv / this | p50 ms | p99 ms | CPU ms, all | client |"
    yield "|---|---|---|---|---|---|---|"
    first = next(iter(loads.values()))
    for name, rounds in loads.items():
        ratio = median(ours.rate / each.rate for ours, each in zip(first, rounds, strict=True))
        yield (
            f"| {name} | {median(each.rate for each in rounds):.0f} | {ratio:.2f}"
            f" | {median(each.p50 for each in rounds) * 1e3:.1f}"
            f" | {median(each.p99 for each in rounds) * 1e3:.1f}"
            f" | {median(each.all for each in rounds) * 1e3:.2f}"
            f" | {median(each.client for each in rounds) * 1e3:.2f} |"
        )
    yield ""


def _memory(found: Figures) -> Iterator[str]:
    if not found.memory:
        return
    yield "| server | web process MB | all MB |\n|---|---|---|"
    for name, (web, all_) in found.memory.items():
        yield f"| {name} | {web:.0f} | {all_:.0f} |"
    yield ""


def _web(web: Mapping[str, Sequence[Load]]) -> Iterator[str]:
    if not web:
        return
    ours, bare = web.values()
    ratios = sorted(one.web / other.web for one, other in zip(ours, bare, strict=True))
    yield "| web process | CPU us an answer | x |\n|---|---|---|"
    for name, rounds in web.items():
        ratio = median(ratios) if rounds is ours else 1
        yield f"| {name} | {median(each.web for each in rounds) * 1e6:.0f} | {ratio:.2f} |"
    yield ""


def _rest(found: Figures) -> Iterator[str]:
    if found.channel:
        yield "| body | p10 ms | p50 ms | p99 ms |\n|---|---|---|---|"
        for name, trips in found.channel.items():
            yield f"| {name} | {' | '.join(f'{wait * 1e3:.2f}' for wait in trips)} |"
        yield ""
    if found.starts:
        yield "| server | s to the first answer | min to max | modelenv / this |\n|---|---|---|---|"
        first = next(iter(found.starts.values()))
        for name, waits in found.starts.items():
            ratio = median(ours / each for ours, each in zip(first, waits, strict=True))
            least = f"{min(waits):.2f} to {max(waits):.2f}"
            yield f"| {name} | {median(waits):.2f} | {least} | {ratio:.2f} |"
