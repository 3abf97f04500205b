"""The bill of a model: CycloneDX 1.6, with equal bytes for an equal folder and installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from ...base import VERSION
from ...base.text import counted, few
from ...pins.reasons import Reasons
from ..errors import NotExportedError
from ..exported import FormDraft
from ..subject import Subject
from .components import PinComponents, pin_components

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

_EXTRA = "install CycloneDX's library: pip install 'modelenv[sbom]'"
_FIRST = datetime(1980, 1, 1, tzinfo=timezone.utc)


def bill(subject: Subject) -> FormDraft:
    """Return the bill of materials of a model.

    The model is its subject. The components are its pins, with their purls, licences, hashes and
    reasons (``modelenv:why``), the libraries in their wheels, Python, and packages of the system.
    Raises NotExportedError if the library that writes it is missing.
    """
    try:
        from cyclonedx.output.json import JsonV1Dot6
    except ImportError as error:
        raise NotExportedError("cyclonedx", "what writes it is not installed", _EXTRA) from error
    pins = [*pin_components(subject)]
    text = JsonV1Dot6(_Bill(subject, pins).document()).output_as_string(indent=2)
    return FormDraft(
        files={subject.output.name: f"{text}\n"},
        unexpressed=tuple(_iter_unsaid(subject, pins)),
        notes=tuple(each for pin in pins for each in pin.refused),
    )


@dataclass(frozen=True, slots=True)
class _Bill:
    """A bill under construction."""

    subject: Subject
    pins: list[PinComponents]

    def document(self) -> Bom:
        """Return the bill with all dependencies."""
        from cyclonedx.model.bom import Bom, BomMetaData
        from cyclonedx.model.component import Component, ComponentType
        from cyclonedx.model.tool import ToolRepository

        model = self._model()
        tool = Component(name="modelenv", version=VERSION, type=ComponentType.APPLICATION)
        beside = [*self._iter_platform()]
        within = [each for pin in self.pins for each in pin.within.values()]
        parts = [*(pin.component for pin in self.pins), *within, *beside]
        made = Bom(
            serial_number=uuid5(NAMESPACE_URL, self._identity(parts)),
            metadata=BomMetaData(
                component=model,
                tools=ToolRepository(components=[tool]),
                timestamp=self._made(),
            ),
            components=parts,
        )
        self._depend(made, model, beside)
        return made

    def _depend(self, made: Bom, model: Component, beside: list[Component]) -> None:
        """Add the dependencies: of a pin on those that it requires, and on its contents."""
        by_name = {pin.entry.name: pin for pin in self.pins}
        required: dict[str, list[Component]] = {name: [] for name in by_name}
        for pin in self.pins:
            for parent in Reasons.read(pin.entry.comment).parents:
                if parent in required:
                    required[parent].append(pin.component)
        roots = (by_name[name].component for name in sorted(self.subject.pinned.roots))
        made.register_dependency(model, [*roots, *beside])
        for name, pin in by_name.items():
            held = (pin.within[ref] for ref in pin.direct)
            made.register_dependency(pin.component, [*required[name], *held])
            for ref, each in pin.within.items():
                made.register_dependency(each, [pin.within[to] for to in pin.edges.get(ref, ())])
        for each in beside:
            made.register_dependency(each)

    def _model(self) -> Component:
        """Return the model, with its files and its proof."""
        from cyclonedx.model import HashAlgorithm, HashType, Property
        from cyclonedx.model.component import Component, ComponentType

        mlmodel = self.subject.folder.mlmodel
        name = self.subject.name
        files = [
            Component(
                name=path,
                type=ComponentType.FILE,
                bom_ref=f"model:{path}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            )
            for path, digest in mlmodel.sealed.items()
        ]
        said = {
            "modelenv:proof": mlmodel.proof.get("status", ""),
            "modelenv:proof-reason": mlmodel.proof.get("reason", ""),
            "modelenv:left-out": ", ".join(sorted(mlmodel.left_out)),
        }
        return Component(
            name=name,
            type=ComponentType.MACHINE_LEARNING_MODEL,
            version=mlmodel.uuid or None,
            bom_ref=f"model:{name}",
            components=files,
            properties=[Property(name=key, value=value) for key, value in said.items() if value],
        )

    def _iter_platform(self) -> Iterator[Component]:
        """Yield Python, and the packages of the system that the prediction used."""
        from cyclonedx.model import Property
        from cyclonedx.model.component import Component, ComponentType
        from packageurl import PackageURL

        version = self.subject.python
        python = PackageURL("generic", None, "python", version)
        yield Component(
            name="python",
            type=ComponentType.PLATFORM,
            version=version,
            purl=python,
            bom_ref=python.to_string(),
            cpe=f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*",
        )
        use = self.subject.folder.mlmodel.system
        vendor, _, release = (use.release if use is not None else "").partition(" ")
        for each in use.packages if use is not None else ():
            if not each.package:
                continue
            distro = {"distro": f"{vendor}-{release}"} if release else None
            purl = PackageURL("deb", vendor or None, each.package, each.version or None, distro)
            said = {"modelenv:why": each.asked_by, "modelenv:what": each.what}
            yield Component(
                name=each.package,
                type=ComponentType.LIBRARY,
                version=each.version or None,
                purl=purl,
                bom_ref=f"{purl.to_string()}#{each.what}",
                properties=[
                    Property(name=key, value=value) for key, value in said.items() if value
                ],
            )

    def _made(self) -> datetime:
        """Return when the model was saved: the time of the bill, whenever it is written."""
        try:
            found = datetime.fromisoformat(self.subject.folder.mlmodel.created)
        except ValueError:
            return _FIRST
        return found if found.tzinfo else found.replace(tzinfo=timezone.utc)

    def _identity(self, parts: Iterable[Component]) -> str:
        """Return a unique identifier of the bill, from the model and all its parts."""
        refs = sorted(str(each.bom_ref.value) for each in parts)
        return "\n".join((self.subject.folder.mlmodel.uuid, *refs))


def _iter_unsaid(subject: Subject, pins: list[PinComponents]) -> Iterator[str]:
    unknown = subject.otherwise.unknown
    if unknown:
        where = "name an interpreter that has them (--python)"
        count = counted(len(unknown), "pin")
        yield f"licences and contents of {count} not installed here ({few(unknown)}): {where}"
    bare = [each.entry.name for each in pins if not each.entry.hashes]
    if bare:
        way = f"`modelenv lock -m {subject.folder.path}` finds them"
        yield f"hashes of {few(bare)}: {way}"
    nameless = [f"{name} in {pin.entry.name}" for pin in pins for name in pin.nameless.values()]
    if nameless:
        yield f"the origin of libraries that no bill in their wheels names: {few(nameless)}"
    if subject.folder.mlmodel.system is None:
        yield "packages of the system: which of them the prediction used was not recorded"
