"""The components of a model's environment: its pins, contents of their wheels, the interpreter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...base.siblings import envfiles, resolver
from ..pinning.otherwise import found_at
from ..subject import Subject
from .carried import CarriedBill, bills_of
from .libraries import BundledLibrary, key_of, libraries_of
from .licences import licences
from .purls import purl_of

if TYPE_CHECKING:
    from cyclonedx.model import HashType, Property
    from cyclonedx.model.component import Component

_USED = "the prediction loaded it"


@dataclass(slots=True)
class PinComponents:
    """A pin as a component, with those in its wheel."""

    entry: envfiles.Entry
    component: Component
    within: dict[str, Component] = field(default_factory=dict)
    """The contents of its wheel, by reference."""
    edges: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The dependencies between these, by reference."""
    direct: list[str] = field(default_factory=list)
    """The references of the wheel's direct components."""
    nameless: dict[str, str] = field(default_factory=dict)
    """The names of libraries in it whose origin no bill gives, by reference."""
    refused: list[str] = field(default_factory=list)
    """A sentence for each bill that could not be merged."""

    def take(self, bill: CarriedBill) -> None:
        """Merge a bill that the wheel carries."""
        place = f"{_ref(self.component)}#{bill.file.rpartition('/')[2]}"
        refs = {ref: f"{place}:{ref}" for ref in bill.components}
        for ref, component in bill.components.items():
            component.bom_ref.value = refs[ref]
            self.within[refs[ref]] = component
        for ref, needed in bill.edges.items():
            self.edges[refs[ref]] = tuple(refs[each] for each in needed)
        self.direct += [refs[each] for each in bill.roots]

    def hold(self, library: BundledLibrary, *, is_used: bool) -> None:
        """Record the path of a shared library; one that no bill lists becomes a component too."""
        from cyclonedx.model import HashAlgorithm, HashType
        from cyclonedx.model.component import Component, ComponentType

        said = [_property("modelenv:file", library.path)]
        said += [_property("modelenv:why", _USED)] if is_used else []
        billed = (each for ref, each in self.within.items() if ref not in self.nameless)
        named = [each for each in billed if key_of(each.name) == library.key]
        for each in named:
            each.properties.update(said)
        if named:
            return
        ref = f"{_ref(self.component)}#{library.path}"
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=library.sha256)]
        self.within[ref] = Component(
            name=library.name,
            type=ComponentType.LIBRARY,
            version=library.version or None,
            bom_ref=ref,
            hashes=hashes if library.sha256 else [],
            properties=[*said, _property("modelenv:origin", "unknown")],
        )
        self.direct.append(ref)
        self.nameless[ref] = library.name


def pin_components(subject: Subject) -> Iterator[PinComponents]:
    """Yield the components of each pin, with the contents of its wheel if that is installed."""
    touches = subject.folder.trace.touches
    used = [str(each["name"]) for each in touches if each["kind"] == "library"]
    for entry in subject.pinned.entries:
        distribution = found_at(entry, subject.installed)
        made = PinComponents(entry, _of_pin(entry, subject, distribution))
        if distribution is not None:
            for bill in bills_of(distribution):
                if isinstance(bill, str):
                    made.refused.append(bill)
                else:
                    made.take(bill)
            for library in libraries_of(distribution):
                made.hold(library, is_used=_is_of(library, used))
        yield made


def _is_of(library: BundledLibrary, used: list[str]) -> bool:
    """Return whether a library is among those that the prediction loaded, at any location."""
    return any(each.replace("\\", "/").endswith(f"/{library.path}") for each in used)


def _of_pin(
    entry: envfiles.Entry, subject: Subject, distribution: resolver.Distribution | None
) -> Component:
    from cyclonedx.model.component import Component, ComponentType

    purl = purl_of(entry)
    locked = subject.pinned.files.get(entry.name)
    files = locked.artifacts if locked is not None else ()
    reasons = (("modelenv:why", entry.comment), *(("modelenv:evidence", e) for e in entry.evidence))
    # If there are several files, any may be installed: so each has its hash at its address.
    hashes = entry.hashes if len(files) == 1 or len(entry.hashes) == 1 else ()
    return Component(
        name=entry.name,
        type=ComponentType.LIBRARY,
        version=entry.version,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=[*_hashes(hashes)],
        licenses=licences(distribution) if distribution is not None else [],
        external_references=[*_references(files)],
        properties=[_property(name, value) for name, value in reasons if value],
    )


def _references(files: tuple[envfiles.LockedFile, ...]) -> Iterator[object]:
    """Yield the addresses of a pin's files, with their hashes."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    for file in files:
        place = file.url or file.path
        if "$" not in place:  # an address with a login in a variable is not usable
            yield ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(place),
                comment=file.file,
                hashes=[*_hashes(file.hashes)],
            )


def _hashes(hashes: tuple[str, ...]) -> Iterator[HashType]:
    """Yield hashes in CycloneDX's form; algorithms that it lacks are skipped."""
    from cyclonedx.model import HashAlgorithm, HashType

    known = {
        "md5": HashAlgorithm.MD5,
        "sha1": HashAlgorithm.SHA_1,
        "sha256": HashAlgorithm.SHA_256,
        "sha384": HashAlgorithm.SHA_384,
        "sha512": HashAlgorithm.SHA_512,
    }
    for each in hashes:
        kind, _, digest = each.partition(":")
        if kind in known:
            yield HashType(alg=known[kind], content=digest)


def _property(name: str, value: str) -> Property:
    from cyclonedx.model import Property

    return Property(name=name, value=value)


def _ref(component: Component) -> str:
    return str(component.bom_ref.value)
