"""Variables in lines: their values are looked up, and only their names are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ..credentials import OF_CONDA, VARIABLE, twins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables that some texts name, with their values."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By their names; they may be secrets."""
    of_conda: bool = False
    """Whether conda reads the texts, which knows more spellings than pip and uv."""

    @classmethod
    def of(
        cls, texts: Iterable[str], environment: Mapping[str, str], *, of_conda: bool = False
    ) -> Variables:
        """Take those that the texts name and the environment has."""
        spelled = OF_CONDA if of_conda else VARIABLE
        names = {found[found.lastindex or 0] for text in texts for found in spelled.finditer(text)}
        values = {name: environment[name] for name in sorted(names) if environment.get(name)}
        return cls(values, of_conda)

    def expand(self, text: str) -> str:
        """Put the values for the names, as pip does, or conda."""
        spelled = OF_CONDA if self.of_conda else VARIABLE
        return spelled.sub(
            lambda found: self.values.get(found[found.lastindex or 0], found[0]), text
        )

    def hide(self, text: str) -> str:
        """Put the names for the values, wherever they stand, encoded or not.

        >>> Variables({"TOKEN": "s3cr3t"}).hide("https://host/s3cr3t/a.whl")
        'https://host/${TOKEN}/a.whl'
        """
        for name, value in sorted(self.values.items(), key=lambda item: -len(item[1])):
            for form in twins([value]):
                text = text.replace(form, f"${{{name}}}")
        return text

    def written(self, chosen: str, asked: str) -> str:
        """Write the URL that was chosen for `asked` with the names that stand there.

        It may have become more precise, by a commit or a hash, and has lost its login.

        >>> Variables({"TOKEN": "x"}).written("https://host/a.whl#b", "https://${TOKEN}@host/a.whl")
        'https://${TOKEN}@host/a.whl#b'
        """
        if not VARIABLE.search(asked):
            return self.hide(chosen)
        expanded, parts = urlsplit(self.expand(asked)), urlsplit(chosen)
        host = expanded.netloc.rpartition("@")[2]
        if (parts.scheme, parts.netloc) != (expanded.scheme, host):
            return self.hide(chosen)
        template = urlsplit(asked)
        if parts._replace(netloc="") == expanded._replace(netloc=""):
            return asked
        login = template.netloc.rpartition("@")[0]
        if VARIABLE.search(login):
            parts = parts._replace(netloc=f"{login}@{parts.netloc}")
        return self.hide(urlunsplit(parts))
