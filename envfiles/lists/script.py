"""Dependencies in a block of comments in a script (PEP 723)."""

from __future__ import annotations

import re

from ..errors import Fault, FaultList, InvalidFile, Location
from ..lock.pylock import read_toml
from ..requirements.requirement import read_requirement
from .conditions import requires_python
from .uv.tool import UvTool
from .values import ListContent, ListFile

# The expression of PEP 723: a block extends to the last line that can end it.
_BLOCK = re.compile(r"^# /// script[ \t]*\n(?P<content>(#( .*)?\n)+)# ///[ \t]*$", re.MULTILINE)
_BEGUN = re.compile(r"^# /// script[ \t]*\r?$", re.MULTILINE)
_UNENDED = (
    "its block `# /// script` is not ended: a line `# ///` does, and all above it are comments"
)
_NONE = (
    "has no block of PEP 723, `# /// script`, that says what it needs: `uv add --script FILE NAME`"
    " writes one"
)


def has_block(text: str) -> bool:
    """Return whether a script has a block of dependencies (PEP 723)."""
    return _BLOCK.search(text.replace("\r\n", "\n")) is not None


def read_script(file: ListFile) -> ListContent:
    """Return the requirements in a script's block. Raises InvalidFile if it has none."""
    found = script_lines(file)
    if found is None:
        begun = _BEGUN.search(file.text)
        line = file.text.count("\n", 0, begun.start()) + 1 if begun else None
        raise InvalidFile([Fault(Location(file.path, line), _UNENDED if begun else _NONE)])
    return found


def script_lines(file: ListFile) -> ListContent | None:
    r"""Return the requirements in a script's block; None if it has none. Raises InvalidFile.

    >>> text = "# /// script\n# dependencies = ['six']\n# ///\nimport six\n"
    >>> [text for _, text, _ in script_lines(ListFile("run.py", text)).lines]
    ['six']
    """
    blocks = list(_BLOCK.finditer(file.text.replace("\r\n", "\n")))
    if not blocks:
        return None
    if len(blocks) > 1:
        raise InvalidFile([Fault(file.at(), "has more than one block `# /// script`")])
    above = blocks[0].string.count("\n", 0, blocks[0].start("content"))
    content = read_toml("\n" * above + _uncommented(blocks[0]["content"]), file=file.path)
    faults, lines = FaultList(), []
    for place, text in file.texts("script.dependencies", content.get("dependencies", []), faults):
        with faults.at(place):
            read_requirement(text)
            lines.append((place, text, ()))
    faults.check(InvalidFile)
    uv = UvTool.of(file, content)
    return ListContent(
        lines=(*uv.options, *uv.sourced(lines)),
        constraints=uv.constraints,
        conditions=requires_python(file, content.get("requires-python"), "script.requires-python"),
        untold=uv.untold,
    )


def _uncommented(content: str) -> str:
    lines = content.splitlines()
    return "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
