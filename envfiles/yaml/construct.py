"""Plain values of a YAML document: each scalar that its type does not fit is named by its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 400  # characters of a number, which Python neither reads nor writes above 4300 digits
_KINDS: Mapping[str, str] = {
    "bool": "neither true nor false",
    "int": "no whole number",
    "float": "no number",
    "timestamp": "no date or time that there is",
}
_TAG = "tag:yaml.org,2002:"


def construct(root: yaml.Node) -> Any:
    """Return the plain value of a parsed document. Raises ConstructorError."""
    return _Constructor().construct_document(root)


class _Constructor(SafeConstructor):
    """PyYAML's, which leaves what its own readers of scalars stumble over to be caught."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        kind = _KINDS.get(node.tag.removeprefix(_TAG))
        if kind is None or not isinstance(node, yaml.ScalarNode):
            return super().construct_object(node, deep)
        shown = node.value if len(node.value) <= 40 else f"{node.value[:40]}…"
        if len(node.value) > _LONGEST:
            reason = f"{shown} is a number of more than {_LONGEST} digits"
            raise ConstructorError(None, None, reason, node.start_mark)
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, AttributeError, IndexError, OverflowError):
            reason = f"{shown} is {kind}; a text stands in quotes"
            raise ConstructorError(None, None, reason, node.start_mark) from None
