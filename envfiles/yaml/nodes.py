"""YAML with an address for every value, and scalars as they are written.

Scalars stay text, since YAML would turn `python: 3.10` into the number 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Fault, InvalidFile, Location
from .bounds import check_bounds

if TYPE_CHECKING:
    import yaml

_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class YamlNode:
    """One value of a YAML document: read it as what the format says it is.

    Each reading raises InvalidFile with file, line and key if the value is something else.
    """

    raw: yaml.Node
    file: str | None
    key: str = ""

    @property
    def location(self) -> Location:
        """Return where the value starts."""
        return Location(self.file, self.raw.start_mark.line + 1, self.key)

    @property
    def is_null(self) -> bool:
        """Return whether nothing, `~` or `null` is written."""
        return self.raw.tag == _NULL

    @property
    def is_mapping(self) -> bool:
        """Return whether the value has keys."""
        return self._id == "mapping"

    @property
    def is_list(self) -> bool:
        """Return whether the value has items."""
        return self._id == "sequence"

    def mapping(self) -> dict[str, YamlNode]:
        """Return the values by their keys; a key that stands twice is a fault."""
        if not self.is_mapping:
            raise self.fault(f"expected keys and values, found {self._kind()}")
        found: dict[str, YamlNode] = {}
        for raw_key, raw_value in self.raw.value:
            key = YamlNode(raw_key, self.file, self.key).text()
            if raw_key.tag == _MERGE:
                reason = "merge keys (<<) are not read here: write what they stand for"
                raise YamlNode(raw_key, self.file, self.key).fault(reason)
            node = YamlNode(raw_value, self.file, f"{self.key}.{key}" if self.key else key)
            if key in found:
                raise node.fault(f"the key is repeated, first in line {found[key].location.line}")
            found[key] = node
        return found

    def stated(self) -> dict[str, YamlNode]:
        """Return the values by their keys, without those that are null."""
        return {key: node for key, node in self.mapping().items() if not node.is_null}

    def items(self) -> tuple[YamlNode, ...]:
        """Return the items of a list; nothing written is the empty list."""
        if self.is_null:
            return ()
        if not self.is_list:
            raise self.fault(f"expected a list, found {self._kind()}")
        return tuple(
            YamlNode(raw, self.file, f"{self.key}[{index}]")
            for index, raw in enumerate(self.raw.value)
        )

    def located(self) -> tuple[Location, str]:
        """Return a scalar, without the spaces around it, and where it stands."""
        return self.location, self.text().strip()

    def text(self) -> str:
        """Return a scalar as it is written."""
        if self._id != "scalar" or self.is_null:
            raise self.fault(f"expected text, found {self._kind()}")
        return str(self.raw.value)

    def fault(self, reason: str) -> InvalidFile:
        """Return the error that says what is wrong here."""
        return InvalidFile([Fault(self.location, reason)])

    @property
    def _id(self) -> str:
        return str(getattr(self.raw, "id", ""))  # on the class of each kind of node

    def _kind(self) -> str:
        if self.is_null:
            return "nothing"
        kinds = {"mapping": "keys and values", "sequence": "a list"}
        return kinds.get(self._id, f"{self.raw.value!r}")


def parse_yaml(text: str, *, file: str | None = None) -> YamlNode:
    """Parse one YAML document.

    Raises InvalidFile for invalid YAML, with the line, and for an empty text.

    >>> parse_yaml("python: 3.10").mapping()["python"].text()
    '3.10'
    """
    import yaml  # late: it is the slowest import here

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        check_bounds(text, loader, file)
        root = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, UnicodeError) as error:
        raise InvalidFile([_yaml_fault(error, file)]) from error
    if root is None:
        raise InvalidFile([Fault(Location(file), "the file is empty")])
    return YamlNode(root, file)


def load_yaml(text: str, *, file: str | None = None) -> object:
    """Read one YAML document as plain values, of bounded size, depth and aliases.

    Raises InvalidFile.

    >>> load_yaml("a: 1")
    {'a': 1}
    """
    import yaml

    from .construct import construct

    try:
        return construct(parse_yaml(text, file=file).raw)
    except yaml.YAMLError as error:
        raise InvalidFile([_yaml_fault(error, file)]) from error


def dump_yaml(value: object) -> str:
    r"""Write a value of dicts, lists and text in block style, keys in their given order.

    >>> dump_yaml({"python": "3.10", "dependencies": ["-r requirements.txt"]})
    "python: '3.10'\ndependencies:\n- -r requirements.txt\n"
    """
    import yaml

    # One dumper everywhere, so the bytes do not depend on whether the C library is there.
    return yaml.dump(
        value,
        Dumper=yaml.SafeDumper,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
    )


def _yaml_fault(error: Exception, file: str | None) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    line = None if mark is None else mark.line + 1
    column = "" if mark is None else f" (column {mark.column + 1})"
    return Fault(Location(file, line), f"not YAML: {problem}{column}")
