"""The pages of lists that modelenv keeps: built environments, its errors, channels to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .....base.text import NOTE
from ..blocks import Excerpt, Facts, Gap, Headline, Page, Prose, RowTable, Tone

if TYPE_CHECKING:
    from .....edit.migrate_channels import Migrated
    from ..listed import ExplainedErrors, KeptEnvironments


def environments(found: KeptEnvironments) -> Page:
    """Return the page of built environments, the one last used first."""
    rows = tuple(tuple(line.split("  ", 1)) for line in found.lines)
    return (Headline(found.total), *([RowTable("", rows)] if rows else []))


def errors(found: ExplainedErrors) -> Page:
    """Return the page of all errors, each with its first sentence, or of one."""
    if len(found.sections) == 1:
        ((code, name, text),) = found.sections
        paragraphs = [" ".join(each.split()) for each in text.split("\n\n")]
        said = (block for each in paragraphs for block in (Gap(), Prose(each)))
        return (Headline(f"{code} {name}"), *said)
    rows = tuple(
        (code, name, " ".join(text.split()).partition(". ")[0].rstrip("."))
        for code, name, text in found.sections
    )
    return (
        RowTable("", rows),
        Gap(),
        Prose("`modelenv explain CODE` says what one means", is_aside=True),
    )


def migrated(found: Migrated) -> Page:
    """Return the page of a conda file: what was found in it, and how it changes."""
    first, *_ = str(found).split("\n")
    tone: Tone = "bad" if found.status == "faulty" else "fair"
    said = first.removeprefix(f"{found.file}: ")
    diff = tuple(found.diff.split("\n")) if found.diff and found.status != "unchanged" else ()
    return (
        Headline(said, tone, str(found.file), plain=first),
        *(Facts(NOTE, (each,), folds=False) for each in found.notes),
        *([Excerpt("", diff, is_diff=True)] if diff else []),
    )
