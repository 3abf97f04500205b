"""The environment files of a model folder, or as much of them as can be read."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.siblings import envfiles
from ...folder.model_folder import ModelFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFiles:
    """The content of a folder's environment files."""

    spec: envfiles.EnvSpec | None
    """The environment; None where the files are incomplete."""
    lines: tuple[envfiles.Entry, ...]
    """The requirements, also where nothing else is known."""
    missing: tuple[str, ...] = ()
    """What no file states."""
    unreadable: tuple[str, ...] = ()
    """Faults of files, with their places."""
    unlike: tuple[str, ...] = ()
    """Disagreements of the files with each other, as an edit of one of them leaves them."""

    @classmethod
    def of(cls, model: ModelFolder) -> EnvironmentFiles:
        """Read the environment, or as much of it as the files say; pylock.toml is not read."""
        try:
            spec = model.environment
        except envfiles.InvalidFile as error:
            if not model.is_loadable:  # another language's dependencies are not in these files
                return cls(spec=None, lines=())
            here = str(model.path)
            missing = (each.reason for each in error.faults if each.location.file == here)
            others = (str(each) for each in error.faults if each.location.file != here)
            return cls(
                spec=None,
                lines=_lines(model),
                missing=tuple(missing),
                unreadable=tuple(others),
            )
        return cls(spec=spec, lines=spec.requirements, unlike=_unlike(model))


def _unlike(model: ModelFolder) -> tuple[str, ...]:
    try:
        envfiles.check_agreement(model.path, lock=False)
    except envfiles.Disagreement as error:
        return tuple(map(str, error.faults))
    except envfiles.InvalidFile:  # a file beside the leading one names what is not there
        return ()
    return ()


def _lines(model: ModelFolder) -> tuple[envfiles.Entry, ...]:
    """Return the lines of requirements.txt alone; none where that cannot be read either."""
    try:
        file = model.path / "requirements.txt"
        content = envfiles.read_requirements(file, within=model.path)
        return tuple(each.entry() for each in content.requirements if each.requirement)
    except (envfiles.EnvFilesError, OSError):
        return ()
