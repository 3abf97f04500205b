"""A requirements file for one interpreter on one platform, this one or another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...base.siblings import envfiles
from ...pins.lock_entries import all_hashed_or_none
from ...pins.package_sources import FIND_WHEELS, WHEELS, for_installers
from ..exported import FormDraft
from ..pinning.pinned import plain
from ..subject import Subject


def requirements(subject: Subject) -> FormDraft:
    """Return the pins as lines for pip, with hashes if every file has one."""
    name = subject.output.name
    return FormDraft(
        files={name: listed(subject, name)},
        unexpressed=tuple(subject.iter_unsaid(python=True, system=True, variables=True)),
        notes=(
            *subject.iter_unhashed(),
            *subject.iter_logins(),
            *subject.otherwise.iter_told(),
        ),
    )


def listed(subject: Subject, name: str) -> str:
    """Return the text of a requirements file of that name."""
    entries = [replace(each, requirement=plain(each)) for each in subject.pinned.entries]
    spec = envfiles.EnvSpec(
        python=subject.python,
        requirements=all_hashed_or_none(entries),
        options=tuple(iter_options(subject)),
    )
    text = envfiles.write_files(spec)["requirements.txt"]
    first, _, rest = text.partition("\n# pip install -r requirements.txt\n")
    return f"{first}\n# {platform_of(subject)}: pip install -r {name}\n{rest}"


def platform_of(subject: Subject) -> str:
    """Return the platform of the pins: ``Python 3.12 on win32 AMD64``."""
    markers = subject.pinned.target.markers
    return f"Python {subject.minor} on {markers['sys_platform']} {markers['platform_machine']}"


def iter_options(subject: Subject) -> Iterator[str]:
    """Yield the option lines that locate files, with paths relative to the written files.

    A place that exists only on this machine is skipped.
    """
    own = subject.folder.environment.options
    if FIND_WHEELS in own and subject.bundled:
        yield f"--find-links {subject.model}/{WHEELS}"
    others = [each for each in own if each != FIND_WHEELS]
    for option in for_installers(others, subject.folder.path):
        if "file:" not in option:
            yield option
