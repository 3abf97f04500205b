"""Updates of conda.yaml and python_env.yaml: unaffected parts stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..conda.match_spec import parse_match_spec
from ..credentials import protect
from ..errors import EnvFilesError, Location
from ..requirements.reader import parse_lines
from ..yaml.edit import TextEdit, apply, insert_items, plain, rewrite_items, scalar_edit
from ..yaml.nodes import YamlNode, dump_yaml, parse_yaml
from .conda_yaml import read_conda, write_conda
from .python_env import read_python_env, write_python_env

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from ..spec import EnvSpec


def update_conda(text: str, spec: EnvSpec) -> str:
    """Return the text of a conda.yaml for an environment.

    Comments, order and unknown keys stay, except for credentials in URLs. A text that cannot be
    edited is replaced; its unknown keys stay.
    """
    written = write_conda(spec)
    return _update(text, written, _edit_conda, lambda made: _same_conda(made, written))


def update_python_env(text: str, spec: EnvSpec) -> str:
    """Return the text of a python_env.yaml for an environment; as for conda."""
    written = write_python_env(spec)
    return _update(text, written, _edit_python_env, lambda made: _same_python_env(made, written))


def _update(
    text: str,
    written: str,
    edit: Callable[[str, YamlNode, YamlNode], list[TextEdit]],
    says_it: Callable[[str], bool],
) -> str:
    if not text.strip():
        return written
    bare = protect(text, [written])
    try:
        root, goal = parse_yaml(bare), parse_yaml(written)
        if says_it(bare):
            return bare
        updated = apply(bare, edit(bare, root, goal))
        if says_it(updated):
            return updated
    except (EnvFilesError, LookupError, ValueError):
        pass  # an unusual layout: the values are kept, if not the spelling
    return protect(_merged(text, written), [written])


def _merged(text: str, written: str) -> str:
    """Return a new text with the unknown keys of the old one."""
    try:
        old = plain(parse_yaml(text))
    except EnvFilesError:
        return written
    new = plain(parse_yaml(written))
    assert isinstance(new, dict)
    unknown = {k: v for k, v in old.items() if k not in new} if isinstance(old, dict) else {}
    return dump_yaml({**new, **unknown})


def _edit_conda(text: str, root: YamlNode, goal: YamlNode) -> list[TextEdit]:
    old, new = root.mapping(), goal.mapping()
    edits = []
    if "name" in old and old["name"].text() != new["name"].text():
        edits.append(scalar_edit(text, old["name"], new["name"].text()))
    if "channels" in old and "channels" in new:
        edits += _edit_list(text, old["channels"], _words(new["channels"]), _word)
    python, *others = _words(new["dependencies"])
    standing = [each for each in _words(old["dependencies"]) if _admits(each, python)]
    edits += _edit_list(text, old["dependencies"], [*(standing or [python]), *others], _match_spec)
    section, lines = _pip_section(old["dependencies"]), _pip_section(new["dependencies"])
    if section is not None:
        edits += _edit_list(text, section, _words(lines) if lines else [], _pip_line)
    return edits


def _edit_python_env(text: str, root: YamlNode, goal: YamlNode) -> list[TextEdit]:
    old, new = root.mapping(), goal.mapping()
    edits = []
    if old["python"].text() != new["python"].text():
        edits.append(scalar_edit(text, old["python"], new["python"].text()))
    for key in ("build_dependencies", "dependencies"):
        edits += _edit_list(text, old[key], _words(new[key]), _pip_line)
    return edits


def _edit_list(
    text: str, node: YamlNode, goal: Sequence[str], read: Callable[[str], tuple[Hashable, object]]
) -> list[TextEdit]:
    """Return the edits that turn a list into its goal; `read` gives an item's key and meaning.

    Items with an unchanged meaning stay as written. New ones are placed before the items that
    follow them in the goal. An item without key is a comment.
    """
    targets = {read(each)[0]: each for each in goal}
    standing = {
        read(item.text())[0]: item for item in node.items() if not (item.is_mapping or item.is_list)
    }
    replaced = next((key for key in standing if key is not None), None)
    if targets and replaced is not None and not standing.keys() & targets.keys():
        # One item becomes the first of the new ones: an emptied list has no place for them.
        first = next(iter(targets))
        targets = {replaced: targets.pop(first), **targets}

    def change(before: str) -> str | None:
        key, meaning = read(before)
        after = before if key is None else targets.get(key)
        return before if after is not None and read(after)[1] == meaning else after

    edits = rewrite_items(text, node, change)
    keys = list(targets)
    sections = (item for item in node.items() if item.is_mapping)
    end = next(sections, None)
    added = []
    for index, key in enumerate(keys):
        if key not in standing:
            after = (standing[each] for each in keys[index + 1 :] if each in standing)
            added.append((targets[key], next(after, end)))
    return [*edits, *(insert_items(text, node, added) if added else [])]


def _words(node: YamlNode) -> list[str]:
    return [item.text() for item in node.items() if not item.is_mapping]


def _pip_section(node: YamlNode) -> YamlNode | None:
    found = [item.mapping()["pip"] for item in node.items() if item.is_mapping]
    if len(found) > 1:
        raise ValueError("more than one pip section")
    return found[0] if found else None


def _word(text: str) -> tuple[Hashable, object]:
    return text, text


def _match_spec(text: str) -> tuple[Hashable, object]:
    spec = parse_match_spec(text)
    return spec.name, spec


def _admits(text: str, python: str) -> bool:
    """Return whether a dependency is the required Python, or a range that contains it."""
    spec, exact = parse_match_spec(text), parse_match_spec(python).exact
    if spec.name != "python" or spec.exact not in (None, exact) or exact is None:
        return False
    return spec.admits(exact)


def _pip_line(text: str) -> tuple[Hashable, object]:
    if text.startswith("#"):
        return None, text
    entries = parse_lines([(Location(), text, ())]).located_entries()
    return (entries[0].entry.key, entries[0].entry) if entries else (text, text)


def _same_conda(made: str, written: str) -> bool:
    one, other = read_conda(made), read_conda(written)
    admits = one.python_spec is not None and _admits(one.python_spec, f"python={other.python}")
    return (
        one.name in (other.name, None)  # a file need not name its environment
        and one.channels == other.channels
        and (admits or one.python == other.python)
        and set(one.dependencies) == set(other.dependencies)
        and one.pip.meaning() == other.pip.meaning()
    )


def _same_python_env(made: str, written: str) -> bool:
    one, other = read_python_env(made), read_python_env(written)
    return (one.python, one.build_dependencies, one.dependencies.meaning()) == (
        other.python,
        other.build_dependencies,
        other.dependencies.meaning(),
    )
