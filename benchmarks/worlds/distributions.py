"""Small distributions of pure Python, written into an environment as an installer leaves them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROSE = "A paragraph of prose, as a README has it, which is most of what METADATA holds.\n" * 60
_WHEEL = "Wheel-Version: 1.0\nGenerator: benchmark\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

# As long as a module is in practice: half of those of scikit-learn and pandas take less time to
# load, half of them more.
_CLASS = '''
class Part{number}:
    """Keep a number, and say what it is times another."""

    factor = {number}

    def __init__(self, value=0, *, name="part", options=()):
        self.value = value
        self.name = name
        self.options = dict(options)

    def times(self, other):
        """Return the product, of numbers or of parts."""
        return self.value * getattr(other, "value", other) * self.factor

    @property
    def label(self):
        return "%s %d of %d" % (self.name, self.value, self.factor)


def make_part_{number}(values, *, name="part", strict=False):
    """Return a part for each value; raise ValueError for none where `strict`."""
    found = [Part{number}(value, name=name) for value in values]
    if strict and not found:
        raise ValueError("no values")
    return found
'''


@dataclass(frozen=True, slots=True)
class SmallDistribution:
    """What one of them holds."""

    name: str
    files: Mapping[str, str]
    """Path from site-packages -> text."""
    requires: Sequence[str] = ()

    def install(self, site: Path) -> None:
        """Write it, with a RECORD that has the hash of every file."""
        info = f"{self.name}-1.0.dist-info"
        needs = [f"Requires-Dist: {each}" for each in self.requires]
        head = ["Metadata-Version: 2.1", f"Name: {self.name}", "Version: 1.0", *needs]
        written = {
            **self.files,
            f"{info}/METADATA": "\n".join([*head, "", _PROSE]),
            f"{info}/INSTALLER": "pip\n",
            f"{info}/WHEEL": _WHEEL,
        }
        rows = []
        for path, text in written.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text, "utf-8")
            rows.append(f"{path},sha256={_digest(text)},{len(text.encode())}")
        rows.append(f"{info}/RECORD,,")
        (site / info / "RECORD").write_text("\n".join(rows) + "\n", "utf-8")


def unrelated(number: int) -> SmallDistribution:
    """Return one that no model needs: 40 modules, of which nobody imports any."""
    name = f"unrelated{number}"
    modules = {f"{name}/module{index}.py": "VALUE = 1\n" for index in range(40)}
    return SmallDistribution(name, {f"{name}/__init__.py": "", **modules})


def module_text(parts: int = 6) -> str:
    """Return the source of a module of that many classes and functions."""
    head = '"""Parts."""\n\nimport sys\nfrom collections import OrderedDict\n'
    return head + "".join(_CLASS.format(number=number) for number in range(parts))


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
