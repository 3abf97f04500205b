"""The base image: the one in a layout for a platform, with its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import NoImageError
from . import archive
from .store import Descriptor, Store, opened, read_document, read_index
from .tree import Tree, Wanted

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
REFERENCE = "org.opencontainers.image.ref.name"
_CONTAINERD = "io.containerd.image.name"
_ATTESTS = "vnd.docker.reference.type"
_INDEXES = frozenset((INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"))
_MANIFESTS = frozenset((MANIFEST, "application/vnd.docker.distribution.manifest.v2+json"))
_MOST_IMAGES = 200
_DEEPEST = 3
_MOST_LAYERS = 124  # of the 127 that overlay supports, without ours
_IMPLIED = {"arm64": "v8"}  # the variant that is implied (platforms of containerd)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseImage:
    """An image in a layout, whose layers have not been read yet."""

    store: Store
    manifest: Descriptor
    config: Mapping[str, Any]
    layers: tuple[Descriptor, ...]
    diff_ids: tuple[str, ...]

    @property
    def where(self) -> str:
        """The layout's path, for messages."""
        return str(self.store.where)

    @property
    def architecture(self) -> str:
        """As ``amd64``."""
        return str(self.config.get("architecture"))

    @property
    def settings(self) -> Mapping[str, Any]:
        """Its run configuration: the ``config`` entry."""
        found = self.config.get("config")
        return found if isinstance(found, dict) else {}

    @property
    def variables(self) -> Mapping[str, str]:
        """Its environment variables."""
        listed = self.settings.get("Env")
        words = [str(each) for each in listed] if isinstance(listed, list) else []
        parted = (word.partition("=") for word in words)
        return {name: value for name, equals, value in parted if equals}

    def tree(self, wanted: Wanted) -> Tree:
        """Read and verify every layer, and return the resulting files.

        `wanted` says how many bytes of each file are kept. Raises NoImageError.
        """
        tree = Tree()
        for blob, diff_id in zip(self.layers, self.diff_ids, strict=True):
            with archive.members(self.store, blob, diff_id) as members:
                tree.lay(members, wanted, f"{self.where}: the layer {blob.digest}")
        return tree


def read(layout: str, platform: str) -> BaseImage:
    """Return the image in a layout for a platform, as ``linux/arm64``.

    If the layout has several for it, ``LAYOUT:NAME`` selects one. Raises NoImageError.
    """
    place, name = _parted(layout)
    store = opened(place)
    listed = list(_iter_images(store, read_index(store), 0))
    if name:
        listed = [each for each in listed if name in each.names] or _no_name(place, name, listed)
    # Blobs of other platforms may be missing: copying one image keeps the whole index.
    bases = [_image(store, each.descriptor) for each in listed if each.may_fit(platform)]
    fitting = [base for base in bases if _fits(platform, base.config)]
    if not fitting:
        others = [each.platform for each in listed if not each.may_fit(platform)]
        known = {_platform(each) for each in (*others, *(base.config for base in bases))}
        found = ", ".join(sorted(known)) or "no image at all"
        raise NoImageError(
            str(place),
            f"it has no image for {platform}, but {found}",
            "copy that of the platform (`skopeo copy --override-arch …`), or ask for another",
        )
    if len({base.manifest.digest for base in fitting}) > 1:
        names = ", ".join(sorted({each.names[0] for each in listed if each.names}))
        variants = sorted({_platform(base.config) for base in fitting})
        way = f"say {place}:NAME, of {names}" if names else "make a layout of one of them"
        if len(variants) == len(fitting):
            way = f"say which: {', '.join(variants)}"
        raise NoImageError(str(place), f"it has several images for {platform}", way)
    return fitting[0]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A manifest that an index names."""

    descriptor: Descriptor
    names: tuple[str, ...]
    """Its names, the shortest first."""
    platform: Mapping[str, Any]
    """The platform that the index states; empty for most single manifests."""

    def may_fit(self, platform: str) -> bool:
        """Return whether it may be for a platform: the index states no other one."""
        known = self.platform.get("os") and self.platform.get("architecture")
        return not known or _fits(platform, self.platform)


def _parted(layout: str) -> tuple[Path, str]:
    """Separate the name of an image from the path of its layout; both may contain a colon."""
    words = [] if Path(layout).exists() else layout.split(":")
    for number in range(1, len(words)):
        place = Path(":".join(words[:number]))
        if words[0] and place.exists():
            return place, ":".join(words[number:])
    return Path(layout), ""


def _iter_images(
    store: Store, index: Any, depth: int, names: tuple[str, ...] = ()
) -> Iterator[_Listed]:
    """Yield the manifests in an index and its nested indexes, without attestations."""
    listed = index.get("manifests") if isinstance(index, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_IMAGES or depth > _DEEPEST:
        raise NoImageError(str(store.where), "its index is invalid, or too large")
    for each in listed:
        descriptor = Descriptor.read(each, store.where)
        annotations = each.get("annotations")
        own = _names(annotations) if isinstance(annotations, dict) else ()
        if descriptor.media_type in _INDEXES:
            inner = read_document(store, descriptor)
            yield from _iter_images(store, inner, depth + 1, names or own)
        elif descriptor.media_type in _MANIFESTS and _may_be_image(each):
            platform = each.get("platform")
            known = platform if isinstance(platform, dict) else {}
            yield _Listed(descriptor, names or own, known)


def _names(annotations: Mapping[str, Any]) -> tuple[str, ...]:
    """Return an image's names: from OCI's, containerd's and docker's annotations.

    >>> _names({_CONTAINERD: "docker.io/library/python:3.12"})
    ('python:3.12', 'library/python:3.12', 'docker.io/library/python:3.12')
    """
    whole = str(annotations.get(_CONTAINERD) or "")
    of_docker = whole.removeprefix("docker.io/")
    said = (str(annotations.get(REFERENCE) or ""), of_docker.removeprefix("library/"))
    return tuple(dict.fromkeys(each for each in (*said, of_docker, whole) if each))


def _may_be_image(listed: Mapping[str, Any]) -> bool:
    """Return whether a manifest may be an image's, and not an attestation's or a chart's."""
    platform, annotations = listed.get("platform"), listed.get("annotations")
    if isinstance(annotations, dict) and _ATTESTS in annotations:
        return False
    if listed.get("artifactType") not in {None, "", CONFIG}:
        return False
    return not isinstance(platform, dict) or platform.get("os") in {None, "linux"}


def _no_name(place: Path, name: str, listed: list[_Listed]) -> list[_Listed]:
    names = ", ".join(sorted({each.names[0] for each in listed if each.names})) or "none has a name"
    raise NoImageError(str(place), f"it has no image that is called {name}", f"it has: {names}")


def _image(store: Store, manifest: Descriptor) -> BaseImage:
    """Return the image of a manifest. Raises NoImageError if its documents disagree."""
    said = read_document(store, manifest)
    said = said if isinstance(said, dict) else {}
    listed = said.get("layers")
    config = read_document(store, Descriptor.read(said.get("config"), store.where))
    rootfs = config.get("rootfs") if isinstance(config, dict) else None
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if not isinstance(listed, list) or not isinstance(diff_ids, list):
        raise NoImageError(str(store.where), f"{manifest.digest} is the manifest of no image")
    said_of = [config.get(name) for name in ("os", "architecture", "variant")]
    if not all(each is None or isinstance(each, str) for each in said_of):
        raise NoImageError(str(store.where), f"its platform is {said_of}, which is invalid")
    layers = tuple(Descriptor.read(each, store.where) for each in listed)
    if len(layers) != len(diff_ids):
        reason = f"it names {len(layers)} layers, and its configuration {len(diff_ids)}"
        raise NoImageError(str(store.where), reason)
    if len(layers) > _MOST_LAYERS:
        reason = f"it has {len(layers)} layers, and no more than {_MOST_LAYERS} can be built upon"
        raise NoImageError(str(store.where), reason)
    return BaseImage(
        store=store,
        manifest=manifest,
        config=config,
        layers=layers,
        # A value that is no digest matches no layer, and is reported then.
        diff_ids=tuple(str(each) for each in diff_ids),
    )


def _fits(wanted: str, config: Mapping[str, Any]) -> bool:
    """Return whether a configuration, or an index entry's platform, matches a platform."""
    system, architecture, variant = (*wanted.split("/"), "", "")[:3]
    if (config.get("os"), config.get("architecture")) != (system, architecture):
        return False
    implied = _IMPLIED.get(architecture, "")
    return not variant or variant == (config.get("variant") or implied)


def _platform(config: Mapping[str, Any]) -> str:
    parts = (config.get("os"), config.get("architecture"), config.get("variant"))
    return "/".join(str(part) for part in parts if part)
