"""requirements.txt and constraints.txt as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..requirements.entry import spell_entry
from ..spec import conda_name

if TYPE_CHECKING:
    from ..spec import EnvSpec

REQUIREMENTS = "requirements.txt"
CONSTRAINTS = "constraints.txt"


def write_requirements(spec: EnvSpec) -> str:
    """Return requirements.txt: options first, then one pin a line, each with its reason.

    >>> from envfiles import Entry, EnvSpec
    >>> print(write_requirements(EnvSpec(python="3.11.7", requirements=(Entry("a==1", "via b"),))))
    # The environment of a model, pinned; written by modelenv.
    # pip install -r requirements.txt
    a==1  # via b
    <BLANKLINE>
    """
    lines = [
        "# The environment of a model, pinned; written by modelenv.",
        f"# pip install -r {REQUIREMENTS}",
        *(f"# {note[0].upper()}{note[1:]}" for note in spec.notes),
        *conda_comment(spec),
        *spec.options,
        *constraint_option(spec),
        *spec.unnamed,
        *map(spell_entry, spec.requirements),
    ]
    return "\n".join(lines) + "\n"


def write_constraints(spec: EnvSpec) -> str:
    """Return constraints.txt, the file that the `-c` line of requirements.txt names."""
    return "\n".join(["# Constraints on requirements.txt.", *spec.constraints]) + "\n"


def constraint_option(spec: EnvSpec) -> list[str]:
    """Return the line that points to constraints.txt, if there is one."""
    return [f"-c {CONSTRAINTS}"] if spec.constraints else []


def conda_comment(spec: EnvSpec) -> list[str]:
    """Return the comment line for the dependencies that only conda.yaml can express, if any."""
    others = [each for each in spec.conda_dependencies if conda_name(each) != "pip"]
    return [f"# Only conda.yaml holds: {', '.join(others)}"] if others else []
