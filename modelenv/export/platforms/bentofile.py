"""A BentoML project: ``bentoml build`` makes a bento of it, ``bentoml serve`` starts it."""

from __future__ import annotations

from typing import Any

from ...base.siblings import envfiles
from ...pins.package_sources import WHEELS
from ..exported import FormDraft
from ..lists.requirements import iter_options
from ..pinning.pinned import plain
from ..subject import Subject
from ..travelling import iter_unreadable, predicting, travelling

_PINS = "bento-requirements.txt"


def bentofile(subject: Subject) -> FormDraft:
    """Return bentofile.yaml, the service, the module that loads the model, and the pins."""
    document: dict[str, Any] = {
        "service": "service:ModelService",
        "name": subject.name,
        "include": ["service.py", "predicting.py", f"{subject.model}/"],
        "python": {
            "requirements_txt": f"./{_PINS}",
            "lock_packages": False,  # it would resolve the pins again, and drop their hashes
            **({"wheels": _wheels(subject)} if subject.bundled else {}),
        },
        "docker": {
            "python_version": subject.minor,
            **(
                {"system_packages": list(subject.system_packages)}
                if subject.system_packages
                else {}
            ),
        },
    }
    variables = subject.folder.mlmodel.variables
    if variables:  # those of `docker` are in no service image
        document["envs"] = [{"name": name, "value": said} for name, said in variables.items()]
    head = f"# {subject.name} as a bento; written by modelenv.\n"
    return FormDraft(
        files={
            "bentofile.yaml": head + envfiles.dump_yaml(document),
            "service.py": travelling("entry/bento_service", NAME=subject.name),
            "predicting.py": predicting(subject),
            _PINS: _lines(subject),
        },
        unexpressed=(
            *subject.iter_unsaid(),
            *(["environment variables, to `bentoml serve`: images have them"] if variables else []),
            f"the release of Python: a bento states {subject.minor} alone",
            "the versions of bentoml and its dependencies: the newest that fit beside the pins",
            *iter_unreadable(subject),
        ),
        notes=(
            "it is for BentoML 1.4 and newer, whose images uv installs: bentoml adds a line of its"
            " own without a hash, which pip would refuse beside lines with hashes",
            *subject.iter_unhashed(),
            *subject.iter_logins(),
            *subject.otherwise.iter_told(),
        ),
    )


def _wheels(subject: Subject) -> list[str]:
    return [f"{subject.model}/{WHEELS}/{each.name}" for each in subject.bundled.values()]


def _lines(subject: Subject) -> str:
    """Return the pins without those whose wheels travel: a bento gets these as files."""
    hashed = all(each.hashes for each in subject.pinned.entries)
    options = [each for each in iter_options(subject) if not each.endswith(f"/{WHEELS}")]
    lines = [
        " ".join((plain(each), *(each.options if hashed else ())))
        for each in subject.pinned.entries
        if each.name not in subject.bundled
    ]
    return "\n".join((f"# The pins of {subject.name}.", *options, *lines, ""))
