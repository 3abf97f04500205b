"""Runs in small environments: every kind of evidence and of installation."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

import resolver

from .test_rules import NAMES, TARGET, VERSIONS, requires

WAYS = ("module", "file", "library", "program", "metadata", "startup")
FILES = {
    "module": "{}/__init__.py",
    "file": "{}/data.txt",
    "library": "{0}/lib{0}.so",
    "program": "../../../bin/{}",
}
"""Where each has what can be seen; only what is read is there."""
FORMS = ("listed", "states its modules", "bears their name")
"""How an installation is known: by RECORD, else by top_level.txt or by its own name."""


@dataclass(frozen=True)
class Seen:
    """One thing that a trace says: a module, or something that was touched."""

    way: str
    of: str
    importer: str | None
    phase: str

    @property
    def is_own(self) -> bool:
        return self.of == self.importer


@dataclass(frozen=True)
class Here:
    """What is installed, in which form, and what was seen of it."""

    world: Mapping[str, tuple[str, Sequence[str], str]]
    seen: Sequence[Seen]


@dataclass(frozen=True)
class Record:
    """What `attribute` takes, for modules and for what was touched."""

    name: str
    file: str | None
    kind: str
    phase: str
    importer: str | None
    importer_file: str | None
    line: int | None
    loaded: bool = True
    how: str = "imported"


@st.composite
def heres(draw: st.DrawFn) -> Here:
    """An environment of two to five distributions, and up to ten things seen of them."""
    forms = st.sampled_from((FORMS[0], *FORMS))
    installed = st.tuples(st.sampled_from(VERSIONS), requires, forms)
    world = draw(st.dictionaries(st.sampled_from(NAMES), installed, min_size=2))
    names = st.sampled_from(sorted(world))
    sights = st.builds(
        Seen,
        way=st.sampled_from(WAYS),
        of=names,
        importer=st.none() | names,
        phase=st.sampled_from(("input", "predict")),
    )
    return Here(world, draw(st.lists(sights, max_size=10)))


@contextmanager
def made(here: Here) -> Iterator[resolver.Installed]:
    """Install all that is there."""
    with TemporaryDirectory() as folder:
        site = Path(folder, "lib", "python3", "site-packages")
        for name in here.world:
            _install(site, name, here)
        yield resolver.Installed([str(site)], TARGET)


def attributed(here: Here, installed: resolver.Installed) -> resolver.Attribution:
    """Attribute what was seen, in the order in which it is given."""
    records = [_record(seen, installed) for seen in here.seen if seen.way != "startup"]
    return resolver.attribute(
        [record for record in records if record.kind == "module"],
        installed,
        touched=[record for record in records if record.kind != "module"],
    )


def roots(
    attribution: resolver.Attribution, kept: Sequence[bool] = ()
) -> list[resolver.Distribution]:
    """Return what a resolution starts from: what was imported, and what is kept of the rest."""
    rest = (*attribution.of_kind("optional"), *attribution.startup)
    chosen = itertools.compress(rest, itertools.chain(kept, itertools.repeat(True)))
    found = attribution.of_kind("direct", "input")
    return [each.distribution for each in (*found, *chosen)]


def _install(site: Path, name: str, here: Here) -> None:
    version, needs, form = here.world[name]
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    files = [*(file.format(name) for file in FILES.values()), f"{name}.pth"]
    if any(seen.way == "startup" and seen.of == name for seen in here.seen):
        (site / f"{name}.pth").write_text("import os\n")
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Provides-Extra: x"]
    head += [f"Requires-Dist: {need}" for need in needs]
    (info / "METADATA").write_text("\n".join([*head, "", ""]))
    if form == "listed":
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    elif form == "states its modules":
        (info / "top_level.txt").write_text(f"{name}\n")


def _record(seen: Seen, installed: resolver.Installed) -> Record:
    (site,) = map(Path, installed.paths)
    file = os.path.normpath(site / FILES.get(seen.way, FILES["module"]).format(seen.of))
    name = file if seen.way in ("file", "library", "program") else seen.of
    if seen.importer is None:
        return Record(name, file, seen.way, seen.phase, None, None, None)
    by = str(site / FILES["module"].format(seen.importer))
    return Record(name, file, seen.way, seen.phase, seen.importer, by, 1)
