"""Is what `modelenv revive` tells true? Held against the old folder, the story and the new one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .old_model import OldModel, bare

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]


def faults(old: OldModel, account: Mapping[str, Any], new: Path) -> Iterator[str]:
    """Yield what is untrue of an account, missing in it, or at odds between the new files."""
    rules = account["rules"]
    told = {str(rule["name"]) for rule in rules}
    pins = listed(new)
    yield from _untold(old, account, told)
    yield from (f"rule {rule['name']} has no reason" for rule in rules if not rule["reason"])
    yield from _untrue(account, pins)
    yield from _changed_silently(old, pins, " ".join(str(rule["change"]) for rule in rules))
    yield from _disagreeing(new, pins, str(account["python"]))


def _untold(old: OldModel, account: Mapping[str, Any], told: set[str]) -> Iterator[str]:
    wanted = {"date", *old.story["rules"]}
    if account["python"] != old.story["states"]:
        wanted.add("python")
    yield from (f"rule {name} is not told" for name in sorted(wanted - told))
    verdict = account["proof"]["status"]
    if verdict != old.story["verdict"]:
        yield f"the verdict is {verdict}, and should be {old.story['verdict']}"


def _untrue(account: Mapping[str, Any], pins: Mapping[str, str]) -> Iterator[str]:
    """Yield changes that are told, and that the new list does not have."""
    for rule in account["rules"]:
        change = str(rule["change"])
        if rule["name"] == "python":
            holds = not change or change.endswith(str(account["python"]))
        elif change.startswith("without "):
            names = re.findall(r"[\w.-]+", change.removeprefix("without "))
            holds = not any(canonicalize_name(name) in pins for name in names)
        else:
            holds = _has(change, pins)
        if not holds:
            yield f"{rule['name']} tells {change!r}, which is not so"


def _has(change: str, pins: Mapping[str, str]) -> bool:
    """Tell whether a list has what a change says: ``NAME 1 -> 2``, ``… -> NAME<3``, ``added …``."""
    before, arrow, after = change.rpartition(" -> ")
    said = f"{before.split()[0]}=={after}" if arrow and after[:1].isdigit() else after
    said = said.removeprefix("added ")
    try:
        wanted = Requirement(said)
    except InvalidRequirement:
        return True
    now = pins.get(canonicalize_name(wanted.name))
    return now is not None and wanted.specifier.contains(now, prereleases=True)


def _changed_silently(old: OldModel, pins: Mapping[str, str], told: str) -> Iterator[str]:
    """Yield stated pins that are others now, or gone, where no rule tells it; and bounds broken."""
    may = {canonicalize_name(name) for name in old.story["changes"]}
    named = {canonicalize_name(name) for name in re.findall(r"[A-Za-z][\w.-]*", told)}
    for name, version in old.pins.items():
        now = pins.get(name)
        if now is not None and SpecifierSet(f"=={version}").contains(now, prereleases=True):
            continue
        if name not in named:
            yield f"{name} {version} became {now or 'nothing'}, silently"
        elif now is not None and name not in may:
            yield f"{name} {version} became {now}, and could be had"
    for bound in old.bounds:
        now = pins.get(canonicalize_name(bound.name))
        if now is None and canonicalize_name(bound.name) not in named:
            yield f"{bound} is listed, and left out silently"
        elif now is not None and not bound.specifier.contains(now, prereleases=True):
            yield f"{bound} is listed, and {now} taken"


def _disagreeing(new: Path, pins: Mapping[str, str], python: str) -> Iterator[str]:
    """Yield where the files of the new folder say different things, or lack a hash."""
    conda = yaml.safe_load((new / "conda.yaml").read_text("utf-8"))["dependencies"]
    for_pip = [line for part in conda if isinstance(part, dict) for line in part["pip"]]
    if _pins(for_pip) != pins:
        yield "conda.yaml lists others than requirements.txt"
    lock = tomllib.loads((new / "pylock.toml").read_text("utf-8"))
    if {canonicalize_name(each["name"]): each["version"] for each in lock["packages"]} != pins:
        yield "pylock.toml lists others than requirements.txt"
    for each in lock["packages"]:
        files = [*each.get("wheels", []), *([each["sdist"]] if "sdist" in each else [])]
        if not files or not all(file.get("hashes") for file in files):
            yield f"pylock.toml has a file of {each['name']} without a hash"
    stated = yaml.safe_load((new / "python_env.yaml").read_text("utf-8"))["python"]
    model = yaml.safe_load((new / "MLmodel").read_text("utf-8"))["flavors"]["python_function"]
    said = {python, stated, model["python_version"]}
    said |= {part[7:] for part in conda if isinstance(part, str) and part.startswith("python=")}
    if len(said) > 1:
        yield f"the Python is told as {', '.join(sorted(said))}"


def listed(new: Path) -> dict[str, str]:
    """Return the version of each name that requirements.txt of a new folder pins."""
    return _pins((new / "requirements.txt").read_text("utf-8").splitlines())


def _pins(lines: list[str]) -> dict[str, str]:
    """Return the version of each name among lines of requirements; options are left out."""
    found: dict[str, str] = {}
    for line in lines:
        text = bare(line)
        if text and not text.startswith(("#", "-")):
            wanted = Requirement(text)
            found[canonicalize_name(wanted.name)] = str(wanted.specifier).removeprefix("==")
    return found
