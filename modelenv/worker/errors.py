"""Errors of a model that runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UNPROVEN, ModelenvError, NamedOption, Spell, WrongUseError
from ..base.text import counted
from .processes.main_guard import explained, lacks_main_guard

if TYPE_CHECKING:
    from .verdict import Verdict

_DOING = {
    "start": "starting the worker",
    "load": "loading the model",
    "input": "loading {input}",
    "predict": "predicting on {input}",
    "predict again": "predicting a second time on {input}",
    "output": "recording the prediction",
    "compare": "comparing two predictions",
}

# Exceptions that a lack of memory, or of anything else that processes compete for, does not raise.
_OF_CODE = frozenset(
    {
        "AssertionError",
        "AttributeError",
        "IndexError",
        "KeyError",
        "ModuleNotFoundError",
        "NameError",
        "NotImplementedError",
        "TypeError",
        "ValueError",
        "ZeroDivisionError",
    }
)


@dataclass(eq=False)
class RunFailedError(ModelenvError):
    """The model failed in its run in a fresh interpreter."""

    where: str
    stage: str
    reason: str
    detail: str = ""
    saving: bool = field(default=False, kw_only=True)
    """Whether a folder was going to be written after the run."""
    example: int | None = field(default=None, kw_only=True)
    """The number of the failing example, from 0; None if there is only one or it is unknown."""
    missing: tuple[str, ...] = field(default=(), kw_only=True)
    """The modules that were not found."""
    hints: tuple[str, ...] = field(default=(), kw_only=True)
    """What the caller knows of the cause, with a way out."""

    @property
    def is_of_code(self) -> bool:
        """Whether the model's code or its input is wrong, so that it would fail again alike."""
        return self.reason.partition(":")[0] in _OF_CODE

    def __str__(self) -> str:
        data = "the input example" if self.saving else "the input"
        data = f"further_examples[{self.example - 1}]" if self.example else data
        doing = _DOING.get(self.stage, self.stage).format(input=data)
        text = f"{doing} failed in {self.where}: {self.reason}"
        said = f"{self.reason}\n{self.detail}"
        if lacks_main_guard(said) is not False:
            text += "\nIt may be that {}: {}.".format(*explained(said))
        text = "\n".join((text, *self.hints))
        text += "\nNothing was written." if self.saving else ""
        detail = self.detail.strip()
        # An error of the run's own has no frame of the model's: its detail is the reason again.
        return text if detail in self.reason else f"{text}\n\n{self.detail.rstrip()}"


@dataclass(eq=False)
class UntypedPredictionError(WrongUseError):
    """A prediction that only a pickle can hold, which would run code in the caller's process."""

    where: str
    type: str
    """The class of the prediction."""
    reason: str
    """The part of it that has no other form."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return (
            f"the prediction is of the class {self.type}, which only a pickle can hold"
            f" ({self.reason}), and reading one would run code here that {self.where} chose: have"
            " the model return frames, arrays, lists or dictionaries of numbers, texts and times;"
            f" or, if you trust it, say {spell(NamedOption('unpickle', True))}"
        )


@dataclass(eq=False)
class NotProvenError(ModelenvError):
    """The pinned set does not give the recorded prediction."""

    verdict: Verdict
    pins: int
    hints: tuple[str, ...] = ()
    way_out: str = ""
    """A further way out; if empty, the only one is to write the folder without a proof."""
    tried: int = 0
    """The number of other installed distributions that were tried as well; 0 if none was."""
    needed: tuple[str, ...] = ()
    """The names of those that are needed."""
    suspects: tuple[str, ...] = ()
    """The names among which further needed ones are, if not all could be tried."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        lines = [
            f"the prediction is not reproduced in {self.verdict.place} with the"
            f" {counted(self.pins, 'pinned distribution')}: {self.verdict.reason}",
            *self.hints,
            *self._tried(spell),
            f"Nothing was written. {' '.join(self.ways_out(spell))}",
        ]
        text = "\n".join(lines)
        return f"{text}\n\n{self.verdict.detail.rstrip()}" if self.verdict.detail else text

    def ways_out(self, spell: Spell) -> tuple[str, ...]:
        """Return the given way out, or else how to write the folder without a proof."""
        unproven = f"{spell(UNPROVEN)} writes the folder all the same, marked unproven."
        return (self.way_out or unproven,)

    def _tried(self, spell: Spell) -> Iterator[str]:
        if self.suspects:
            needed = f"{', '.join(self.needed)}, and perhaps " if self.needed else ""
            yield (
                f"With all that is installed it is reproduced. It needs {needed}some of these, and"
                f" telling which takes too many runs: {', '.join(self.suspects)}."
                f" {spell(NamedOption('extra_pip_requirements'))} pins those that you know of."
            )
        elif self.tried:
            others = counted(self.tried, "other installed distribution")
            yield f"With the {others} it is not reproduced either: it needs something else."


@dataclass(eq=False)
class WrongInterpreterError(ModelenvError):
    """A worker started in another environment than the one made for it."""

    exit_code = 3

    executable: Path
    expected: Path
    found: str

    def __str__(self) -> str:
        return (
            f"{self.executable} started in {self.found}, not in {self.expected}: its result"
            " says nothing about the pins, and was discarded"
        )
