"""The rules of hadolint that a Dockerfile of ours can break, by their numbers there.

https://github.com/hadolint/hadolint#rules
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_IGNORED = re.compile(r"#\s*hadolint ignore=([\w,]+)")
_KNOWN = {
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}


ONCE = {"DL4003": "CMD", "DL4004": "ENTRYPOINT", "DL3012": "HEALTHCHECK"}
"""What a stage has one of."""
FORBIDDEN = (
    ("DL3003", "RUN", r"^cd |&& cd "),
    ("DL3004", "RUN", r"\bsudo\b"),
    ("DL3005", "RUN", r"apt-get (dist-)?upgrade"),
    ("DL3020", "ADD", r""),
    ("DL3021", "COPY", r"^(?!--)\S+ \S+ \S+"),
    ("DL3027", "RUN", r"\bapt (install|update)"),
    ("DL4000", "MAINTAINER", r""),
    ("DL4006", "RUN", r" \| "),
    ("of ours: not every builder knows it", "RUN", r"<<|--mount"),
)
"""By the instruction: what does not stand in it."""
_VALUES = r'^([\w.]+="([^"\\]|\\.)*"\s*|\w+=\S+\s*)+$'
NEEDED = (
    ("DL3000", "WORKDIR", r"", r"^/"),
    ("DL3006", "FROM", r"", r"^(\$\{BASE\}|environments|\S+:\S+)( AS [a-z]+)?$"),
    ("DL3008", "RUN", r"apt-get install", r"apt-get install .*="),
    ("DL3009", "RUN", r"apt-get install", r"rm -rf /var/lib/apt/lists"),
    ("DL3011", "EXPOSE", r"", r"^[1-9]\d{0,4}$"),
    ("DL3013", "RUN", r"pip install", r" -r |=="),
    ("DL3014", "RUN", r"apt-get install", r" -y"),
    ("DL3015", "RUN", r"apt-get install", r"--no-install-recommends"),
    ("DL3044", "ENV", r"", _VALUES),
    ("DL3048", "LABEL", r"", _VALUES),
)
"""By the instruction: what stands in it, where something else does."""


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str
    ignored: frozenset[str] = frozenset()


def instructions(text: str) -> list[Instruction]:
    """Read a Dockerfile: lines that go on are joined, comments left out."""
    found = []
    ignored: frozenset[str] = frozenset()
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("#") or not line.strip():
            mark = _IGNORED.match(line)
            ignored = frozenset(mark[1].split(",")) if mark else ignored
            continue
        whole = line
        while whole.endswith("\\"):
            whole = whole[:-1] + " " + next(lines).strip()
        word, _, rest = whole.partition(" ")
        found.append(Instruction(word, rest.strip(), ignored))
        ignored = frozenset()
    return found


def stages(text: str) -> dict[str, list[Instruction]]:
    """Return the instructions of each stage by its name, what stands before the first apart."""
    found: dict[str, list[Instruction]] = {"": []}
    name = ""
    for each in instructions(text):
        if each.word == "FROM":
            name = each.rest.partition(" AS ")[2] or each.rest
            found[name] = []
        found[name].append(each)
    return found


def faults(text: str) -> list[str]:
    """Return what breaks a rule, with its number."""
    found = [*_of_all(text)]
    for each in instructions(text):
        found += [fault for fault in _of_one(each) if fault[:6] not in each.ignored]
    return found


def _of_all(text: str) -> Iterator[str]:
    every, parts = instructions(text), stages(text)
    if every[0].word not in ("ARG", "FROM"):
        yield "DL3061: begin with FROM or ARG"
    for name, part in parts.items():
        words = [each.word for each in part]
        for rule, single in ONCE.items():
            if words.count(single) > 1:
                yield f"{rule}: two of {single} in {name}"
    names = [each.rest.partition(" AS ")[2] for each in every if each.word == "FROM"]
    if len(names) != len({*names}):
        yield "DL3024: stages share a name"
    taken = (re.match(r"--from=(\S+)", each.rest) for each in every if each.word == "COPY")
    yield from (f"DL3022: no stage {each[1]}" for each in taken if each and each[1] not in names)
    users = [each.rest for part in parts.values() for each in part if each.word == "USER"]
    if not users or users[-1].split(":")[0] in ("root", "0"):
        yield "DL3002: the last user is root"


def _of_one(each: Instruction) -> Iterator[str]:
    if each.word not in _KNOWN:
        yield f"DL1000: {each.word} is no instruction"
    for rule, word, pattern in FORBIDDEN:
        if each.word == word and re.search(pattern, each.rest):
            yield f"{rule}: {each.rest}"
    for rule, word, where, pattern in NEEDED:
        if each.word == word and re.search(where, each.rest) and not re.search(pattern, each.rest):
            yield f"{rule}: {each.rest}"
    if each.word in ("CMD", "ENTRYPOINT") and not isinstance(json.loads(each.rest), list):
        yield f"DL3025: {each.word} as a list"
