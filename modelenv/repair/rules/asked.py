"""Rules for optional distributions that libraries ask for in their messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from packaging.utils import canonicalize_name

from ...system.debian import program_package
from ..context import Case
from ..data import read_table
from ..diagnosis import Diagnosis
from ..owners.modules import Owner, is_distribution_name
from ..owners.said import words_of
from ..reading.chain import Raised
from .missing import missing_distribution

_OF_IMPORTS = ("ImportError", "ModuleNotFoundError")
_OF_INSTALLING = re.compile(r"install|dependenc|package|librar|modules?\b", re.IGNORECASE)
_OF_NEEDS = re.compile(r"requir|needs?\b|support|missing|unavailable|not (?:available|found)")
# Python's own messages about names: these are attributes.
_OF_PYTHON = re.compile("cannot import name|has no attribute")
# Owners known by RECORD, or by the metadata of a pinned distribution.
_RECORDED = ("extra", "program", "library")


def check_asked(case: Case) -> Diagnosis | None:
    """Diagnose a name that a library asks for, if something of that name is known.

    That is a distribution of that name, or an extra, module or file of an installed one.
    """
    for raised, name, _ in _iter_asked(case):
        owner = _known_by_name(case, name, plain=_is_plain(raised))
        if owner is not None:
            return missing_distribution(case, name, owner)
    return None


def check_expected(case: Case) -> Diagnosis | None:
    """Diagnose a name in any message, if the model had to do with it.

    It is a distribution that an edit removed, that an extra of a pin brings, or that the trace saw
    as optional.
    """
    for raised in reversed(case.failure.chain):
        if _OF_PYTHON.search(raised.message) is None:
            found = _expected(case, raised) or _expected_extra(case, raised)
            if found is not None:
                return found
    return None


def _expected(case: Case, raised: Raised) -> Diagnosis | None:
    """Diagnose a distribution that a message names.

    It is certain if the message speaks of an installation, and quotes the name or comes from the
    distribution that offers it.
    """
    optionals, speaks, raiser = case.known.optionals, _speaks(raised), case.raiser(raised)
    needs = _OF_NEEDS.search(raised.message) is not None
    found = []
    for said in words_of(raised.message):
        meant = optionals.owner_of(said.name, raiser)
        if meant is None or meant[1].name in case.known.pins:
            continue
        mine = optionals.extra_of(meant[1].name, raiser).startswith(f"{raiser}[")
        if speaks or meant[1].name in case.known.removed or (mine and needs):
            certain = meant[1].certain and speaks and (said.quoted or mine)
            found.append((not certain, meant[0], said.name, replace(meant[1], certain=certain)))
    if not found:
        return None
    (_, _, name, owner), *others = sorted(found, key=lambda each: each[:2])
    alternatives = dict.fromkeys(each.name for *_, each in others if each.name != owner.name)
    return missing_distribution(
        case, name, replace(owner, alternatives=(*owner.alternatives, *alternatives))
    )


def _expected_extra(case: Case, raised: Raised) -> Diagnosis | None:
    """Diagnose an extra that a message names: ``pydantic[email]``, or, of one's own, ``email``."""
    if not _speaks(raised):
        return None
    raiser = case.raiser(raised)
    for said in words_of(raised.message):
        certain = bool(said.extras)
        asked = canonicalize_name(said.name) if certain else raiser
        extras = said.extras or said.name
        if asked in case.known.pins and case.known.has_extras(asked, extras, sure=certain):
            return case.diagnosis(
                "missing-extra",
                f"{case.known.pinned(asked)} is there without what its extra {extras} brings",
                asked,
                raised.evidence,
                edit=f"{asked}[{extras.lower()}]",
                certain=certain,
            )
    return None


def check_guessed(case: Case) -> Diagnosis | None:
    """Diagnose an unknown name that a message asks for: a guess.

    The name counts only if the message speaks of an import or an installation.
    """
    for raised, name, asks in _iter_asked(case):
        if asks and _is_plain(raised):
            owner = Owner(canonicalize_name(name), "the message names it", certain=False)
            return missing_distribution(case, name, owner)
    return next(filter(None, (_named(case, each) for each in case.failure.chain[::-1])), None)


def _named(case: Case, raised: Raised) -> Diagnosis | None:
    """Diagnose a name that a message calls a package; no edit is proposed on a name alone."""
    for pattern in read_table("failure_messages")["names"]:
        found = re.search(pattern, raised.message)
        name = canonicalize_name(found[1]) if found is not None else ""
        if is_distribution_name(name) and name not in case.known.pins:
            return case.diagnosis(
                "missing-module",
                f"the message names a package {name}, which may be missing",
                name,
                raised.evidence,
                remedy=f"if that is what is meant: {case.known.add_command(name)}",
                certain=False,
            )
    return None


def _iter_asked(case: Case) -> Iterator[tuple[Raised, str, bool]]:
    """Yield the names in messages that ask for something, or say that it is missing."""
    known = read_table("failure_messages")
    for raised in reversed(case.failure.chain):
        if not _may_ask(raised.type):
            continue
        for pattern in (*known["asks"], *known["lacks"]):
            found = re.search(pattern, raised.message)
            if found is None:
                continue
            name = known["brands"].get(found[1], found[1].rstrip("."))
            if canonicalize_name(name) not in case.known.pins:
                yield raised, name, pattern in known["asks"]


def _is_plain(raised: Raised) -> bool:
    """Return whether a message surely names a module or a distribution."""
    return raised.type.endswith(_OF_IMPORTS) or "install" in raised.message


def _speaks(raised: Raised) -> bool:
    return raised.type.endswith(_OF_IMPORTS) or _OF_INSTALLING.search(raised.message) is not None


def _known_by_name(case: Case, name: str, *, plain: bool) -> Owner | None:
    """Return the distribution that a message means by a name; None: nothing suggests one.

    `plain` is a message that surely names a module or a distribution.
    """
    owners = [each for each in case.known.owners_named(name) if each.name not in case.known.pins]
    if not plain:
        program = bool(program_package(name))
        owners = [each for each in owners if each.part != "module" or not program]
        owners.sort(key=lambda each: each.part not in _RECORDED)
    if not owners:
        return None
    first, *others = owners
    return replace(
        first,
        certain=plain or first.part in _RECORDED,
        alternatives=(*first.alternatives, *(each.name for each in others)),
    )


def _may_ask(name: str) -> bool:
    return (
        name.endswith(_OF_IMPORTS)
        or "Dependency" in name
        or name
        in (
            "",
            "LightGBMError",
            "OSError",
            "PydanticImportError",
            "RuntimeError",
            "ValueError",
        )
    )
