"""Build both images upon one base, and measure them.

    python -m benchmarks images --mlflow PYTHON [--root FOLDER] [--rounds N]

PYTHON is an interpreter that has MLflow, and the scikit-learn that is here. FOLDER is a root that
debootstrap has made, with Python and its venv; without one it is made. Needs buildah, and root.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...results.command import conclude, parser_of
from ...results.figures import Figure
from . import box, recipes


@dataclass
class Figures:
    """What was measured of one recipe."""

    megabytes: float = 0.0
    """What stands above the base."""
    layers: int = 0
    build_cpu: float = 0.0
    rebuild_cpu: list[float] = field(default_factory=list)
    rebuild_seconds: list[float] = field(default_factory=list)
    first_answer: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the arguments say, and print it."""
    parser = parser_of("images", __doc__)
    parser.add_argument("--mlflow", metavar="PYTHON", required=True)
    parser.add_argument("--root", metavar="FOLDER", type=Path)
    parser.add_argument("--rounds", type=int, default=3, help="of rebuilds and of starts")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        stack.enter_context(box.store(folder / "store"))
        box.make_base(folder, options.root)
        first, second = recipes.models(folder / "models", options.mlflow)
        makers: dict[str, recipes.Recipe] = {
            "modelenv": recipes.Ours(folder / "ours"),
            "MLflow": recipes.MLflow(folder / "theirs", options.mlflow),
        }
        found = {
            name: _measured(maker, first, second, options.rounds) for name, maker in makers.items()
        }
    print(_table(found))
    figures = [
        Figure(title, figure(each), who=name)
        for name, each in found.items()
        for title, figure in ROWS
    ]
    return conclude(options, figures, details={name: asdict(each) for name, each in found.items()})


def _measured(
    maker: recipes.Recipe, first: recipes.Saved, second: recipes.Saved, rounds: int
) -> Figures:
    found = Figures()
    found.build_cpu, _ = box.spent(maker.build(first))
    found.megabytes, found.layers = box.above_base(maker.image)
    for number in range(rounds):
        build = maker.build((second, first)[number % 2].changed(number))
        cpu, seconds = box.spent(build)
        found.rebuild_cpu.append(cpu)
        found.rebuild_seconds.append(seconds)
    found.first_answer = [box.first_answer(maker.image, first.request) for _ in range(rounds)]
    return found


ROWS: list[tuple[str, Callable[[Figures], float]]] = [
    ("MB above the base", lambda each: each.megabytes),
    ("layers above the base", lambda each: each.layers),
    ("first build, s of CPU", lambda each: each.build_cpu),
    ("another model, s of CPU", lambda each: statistics.median(each.rebuild_cpu)),
    ("another model, s", lambda each: statistics.median(each.rebuild_seconds)),
    ("from run to the first answer, s", lambda each: statistics.median(each.first_answer)),
]


def _table(found: dict[str, Figures]) -> str:
    lines = [f"| what | {' | '.join(found)} | ratio |", "|---" * (len(found) + 2) + "|"]
    for title, figure in ROWS:
        ours, theirs = map(figure, found.values())
        lines.append(f"| {title} | {ours:.1f} | {theirs:.1f} | {ours / theirs:.2f} |")
    return "\n".join(lines)
