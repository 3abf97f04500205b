"""The pages of what was written for elsewhere: forms of other tools, packs, images, a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .....base.text import NOTE, counted
from ..blocks import Block, Command, Facts, Headline, Page, Tone, unbroken
from ..sections import first_line, table
from .saved import TONES, headline, proof

if TYPE_CHECKING:
    from .....batch.files.run_files import FilesPredicted
    from .....batch.pack.packing import PackedEnvironment
    from .....export.exported import Exported
    from .....ship.build import BuiltImage
    from .....ship.generate import BuildContext
    from .....ship.image import ImagePlan
    from .....ship.oci.write import ExportedImage
    from ..listed import WrittenReport


def exported(found: Exported) -> Page:
    """Return the page of an export: the files, how they are used, and what they do not say."""
    pins = f"{found.format}, Python {found.python}, {counted(len(found.pins), 'pin')}"
    further = tuple(str(each) for each in found.files if each != found.place)
    return (
        Headline(pins, "good", "written", plain=first_line(found)),
        _place("file", found.place),
        *([Facts("with", further, whole=True)] if further else []),
        *([Command("use it", found.command)] if found.command else []),
        *_listed("not said in it", found.unexpressed, "fair"),
        *_listed(NOTE, found.notes),
    )


def packed(found: PackedEnvironment) -> Page:
    """Return the page of a pack: what was proven in it, and where it runs."""
    library = "" if found.glibc is None else f", glibc {found.glibc[0]}.{found.glibc[1]}"
    own = ", its own" if found.with_python else ""
    size = f"{found.bytes / 1e6:.1f} MB, {found.unpacked / 1e6:.1f} unpacked"
    if found.verdict is None:
        head = Headline("no run has shown that it is enough", "fair", "not verified")
    else:
        head = headline(found.verdict)
    return (
        replace(head, plain=first_line(found)),
        _place("file", found.file),
        Facts("", (f"{counted(len(found.pins), 'distribution')}, {size}",)),
        Facts("for", (f"{found.platform}{library}, Python {found.python}{own}",)),
        Facts("hash", (f"sha256:{found.sha256}",)),
        *(proof(found.verdict) if found.verdict is not None else ()),
    )


def built(found: BuiltImage) -> Page:
    """Return the page of an image that a builder made."""
    plain = first_line(found)
    if found.verdict:
        tone = TONES.get(found.verdict, "plain")
        head = Headline(found.reason, tone, f"{found.verdict} in it", plain=plain)
    else:
        head = Headline("nothing is proven of it", "fair", plain=plain)
    return (head, Facts("image", (f"{found.name}, built by {found.engine}",)), *_plan(found.plan))


def context(found: BuildContext) -> Page:
    """Return the page of a folder that a builder takes."""
    plain = first_line(found)
    place, _, said = plain.partition(": ")
    return (
        Headline(said, "good", "written", plain=plain),
        _place("file", place),
        *_plan(found.plan, described=False),
        *_listed("left out by .dockerignore", found.left_out),
        Command("build it", f"docker build -t NAME {found.path}"),
    )


def _plan(plan: ImagePlan, *, described: bool = True) -> Iterator[Block]:
    """Yield what is in an image, and what has to be provided for it."""
    from .....ship.plan import describe, iter_facts

    if described:
        yield Facts("what is in it", (describe(plan),))
    yield from table("packages of Debian", [(each.package, each.why) for each in plan.packages])
    further = tuple(iter_facts(plan))[len(plan.packages) :]
    yield from (Facts("", (each,), "fair", folds=False) for each in further)


def layout(found: ExportedImage) -> Page:
    """Return the page of an image that was written layer by layer."""
    rows = [
        (
            each.what,
            f"{each.unpacked / 1e6:.1f} MB, {each.blob.size / 1e6:.1f} compressed"
            f"{each.made and f', {each.made}'}",
        )
        for each in found.layers
    ]
    said = f"{found.reference}, {found.platform}"
    return (
        Headline(said, "good", "written", plain=first_line(found)),
        _place("image", found.place),
        Facts("digest", (found.digest,)),
        *table("layers", rows),
        *(Facts("", (each,), "fair", folds=False) for each in found.needs),
        *(Facts("", (each,), folds=False) for each in found.notes),
    )


def files(found: FilesPredicted) -> Page:
    """Return the page of predictions on files."""
    before = f", {found.resumed:,} of them predicted before" if found.resumed else ""
    said = f"{found.rows:,} rows in {found.seconds:.1f} s{before}"
    tone: Tone = "fair" if found.refused else "good"
    refused = f"{found.refused:,} rows were refused: {unbroken(found.refused_file or '')}"
    return (
        Headline(said, tone, "predicted", plain=str(found)),
        _place("file", found.output),
        *([Facts("", (refused,), "fair", folds=False)] if found.refused else []),
    )


def report(found: WrittenReport) -> Page:
    """Return the page of a report that was written."""
    first, *rest = str(found.report).split("\n")
    return (
        Headline(first.removeprefix(f"{found.report.path}: "), "good", "written", plain=first),
        _place("folder", found.report.path),
        *(Facts("", (each,), folds=False) for each in rest),
        Facts("page", (f"{unbroken(str(found.file))}: {found.size}",), folds=False),
    )


def _place(title: str, place: object) -> Facts:
    return Facts(title, (str(place),), folds=False, whole=True)


def _listed(title: str, items: Sequence[str], tone: Tone = "plain") -> Iterator[Block]:
    if items:
        yield Facts(title, tuple(items), tone, folds=False, apart=True)
