"""A script that predicts, with inline requirements (PEP 723): ``uv run predict.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...base.siblings import envfiles
from ..exported import FormDraft
from ..subject import Subject
from ..travelling import iter_unreadable, predicting
from .uv_settings import UvSettings


def script(subject: Subject) -> FormDraft:
    """Return the script: the pins as inline metadata, and the code that loads and predicts."""
    settings = UvSettings.of(subject)
    lines = subject.pinned.lines
    said: dict[str, Any] = {
        "requires-python": f"=={subject.minor}.*",
        "dependencies": list(lines),
    }
    told = settings.table(lines)
    document = {**said, **({"tool": {"uv": told}} if told else {})}
    text = "\n".join((*_iter_block(envfiles.dump_toml(document)), predicting(subject)))
    unsaid = [*subject.iter_unsaid(hashes=True, system=True, variables=True)]
    unsaid += [f"the release of Python: any of {subject.minor} will do"]
    return FormDraft(
        files={subject.output.name: text},
        unexpressed=(*unsaid, *settings.unwritten, *iter_unreadable(subject)),
        notes=(
            f"it reads the model at {subject.model}, seen from where it stands",
            f"hashes: `uv lock --script {subject.output.name}` writes them beside it",
        ),
    )


def _iter_block(document: str) -> Iterator[str]:
    """Yield the lines of a PEP 723 block."""
    yield "#!/usr/bin/env -S uv run --script"
    yield "# /// script"
    yield from (f"# {line}".rstrip() for line in document.rstrip("\n").split("\n"))
    yield "# ///"
