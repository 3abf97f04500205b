"""Write an image: its configuration, its manifest, and the layout or tar that holds it."""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...base import VERSION
from ...base.siblings import envfiles
from ..engines.names import ImageName
from ..image import ROOT, UNSET, ImagePlan, Runtime
from .base.archive import media_type
from .base.image import CONFIG, INDEX, MANIFEST, REFERENCE, BaseImage
from .base.store import INDEX as INDEX_FILE
from .base.store import Descriptor
from .layer import Layer

_NANOSECONDS = 1_000_000_000
_BASE_DIGEST = "org.opencontainers.image.base.digest"
_BASE_NAME = "org.opencontainers.image.base.name"
_CREATED = "org.opencontainers.image.created"
_DOCKER = "manifest.json"
_EPOCH = 0  # the time of every member in a layout's tar


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """All blobs of an image, and their paths."""

    base: BaseImage
    below: tuple[Descriptor, ...]
    """The descriptors of the base's layers."""
    layers: tuple[Layer, ...]
    """The layers upon them."""
    config: Descriptor
    manifest: Descriptor
    documents: Mapping[str, bytes]
    """The configuration and the manifest, by their digests."""
    platform: Mapping[str, str]


def assemble(plan: ImagePlan, base: BaseImage, layers: Sequence[Layer], how: Runtime) -> Image:
    """Return the image with these layers upon those of a base."""
    below = tuple(Descriptor(media_type(each), each.digest, each.size) for each in base.layers)
    labels = _labels(plan, base)
    config, config_text = _blob(CONFIG, _configuration(plan, base, layers, how, labels))
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.document(),
        "layers": [each.document() for each in (*below, *(layer.blob for layer in layers))],
        "annotations": labels,
    }
    manifest, manifest_text = _blob(MANIFEST, document)
    names = ("os", "architecture", "variant")
    return Image(
        base=base,
        below=below,
        layers=tuple(layers),
        config=config,
        manifest=manifest,
        documents={config.digest: config_text, manifest.digest: manifest_text},
        platform={name: base.config[name] for name in names if base.config.get(name)},
    )


def write_folder(image: Image, target: Path, reference: str) -> None:
    """Write a layout as a new folder, completely or not at all; existing blobs are shared.

    Raises TargetExists if something is at `target`.
    """
    with envfiles.stage(target) as staging:
        folder = staging.folder
        (folder / "blobs/sha256").mkdir(parents=True)
        for name, data in _documents(image, reference).items():
            (folder / name).write_bytes(data)
        for blob in dict.fromkeys(image.below):
            (folder / blob.name).parent.mkdir(exist_ok=True)
            image.base.store.hand_over(blob.name, folder / blob.name)
        for layer in image.layers:
            shutil.move(layer.file, folder / layer.blob.name)
        staging.commit()


def write_tar(image: Image, target: Path, reference: str) -> None:
    """Write a tar of a layout, completely or not at all; ``docker load`` accepts it, too."""
    documents = {**_documents(image, reference), _DOCKER: _for_docker(image, reference)}
    partial = target.with_name(f".{target.name}.{image.manifest.digest[-8:]}.partial")
    try:
        with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as tar:
            for name, data in sorted(documents.items()):
                tar.addfile(_member(name, len(data)), io.BytesIO(data))
            for blob in dict.fromkeys(image.below):
                with image.base.store.open(blob.name) as stream:
                    tar.addfile(_member(blob.name, blob.size), stream)
            for layer in image.layers:
                with layer.file.open("rb") as stream:
                    tar.addfile(_member(layer.blob.name, layer.blob.size), stream)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _configuration(
    plan: ImagePlan,
    base: BaseImage,
    layers: Sequence[Layer],
    how: Runtime,
    labels: Mapping[str, str],
) -> dict[str, Any]:
    """Return the configuration: the base's, with our entries in place of its own."""
    created = _time(plan.epoch)
    settings = {key: value for key, value in base.settings.items() if key not in _NOT_INHERITED}
    inherited = {key: value for key, value in base.variables.items() if key not in UNSET}
    variables = {**inherited, **how.variables, **plan.variables}
    own: dict[str, Any] = {
        "Cmd": [*how.command],
        "Entrypoint": [*how.entrypoint],
        "Env": [f"{key}={value}" for key, value in variables.items()],
        "Labels": {**_labels_of(base), **labels},
        "User": how.user,
        "WorkingDir": how.folder,
    }
    volumes = _volumes(base)
    if volumes:
        own["Volumes"] = volumes
    if how.port is not None:
        own["ExposedPorts"] = {f"{how.port}/tcp": {}}
    if how.health:
        own["Healthcheck"] = _health(how)
    return {
        **{key: base.config[key] for key in _OF_PLATFORM if key in base.config},
        "created": created,
        "config": {**settings, **own},
        "rootfs": {
            "type": "layers",
            "diff_ids": [*base.diff_ids, *(layer.diff_id for layer in layers)],
        },
        "history": [*_history(base), *(_made(layer, created) for layer in layers)],
    }


_OF_PLATFORM = ("architecture", "os", "variant", "os.version", "os.features")
# Settings for the base's own program, and instructions for builds upon it.
_NOT_INHERITED = frozenset(
    (
        "Cmd",
        "Entrypoint",
        "ExposedPorts",
        "Healthcheck",
        "Image",
        "OnBuild",
        "Shell",
        "StopSignal",
        "Volumes",
    )
)


def _volumes(base: BaseImage) -> dict[str, Any]:
    """Return the base's volumes, without those that would hide what is added."""
    found = base.settings.get("Volumes")
    places = found if isinstance(found, dict) else {}
    return {place: value for place, value in places.items() if not _hides(place)}


def _hides(volume: str) -> bool:
    place, ours = (f"{posixpath.normpath(f'/{each}').lstrip('/')}/" for each in (volume, ROOT))
    return place == "/" or place.startswith(ours) or ours.startswith(place)


def _health(how: Runtime) -> dict[str, Any]:
    """Return the health check in docker's form; OCI reserves the place without defining it."""
    names = ("Interval", "Timeout", "StartPeriod")
    seconds = zip(names, how.health_seconds, strict=True)
    return {
        "Test": ["CMD", *how.health],
        **{name: value * _NANOSECONDS for name, value in seconds},
    }


def _labels(plan: ImagePlan, base: BaseImage) -> dict[str, str]:
    """Return the labels: those of the model, and the base by its digest."""
    kept = {key: value for key, value in plan.labels.items() if key != _BASE_NAME}
    own = {_CREATED: _time(plan.epoch), _BASE_DIGEST: base.manifest.digest}
    return dict(sorted({**own, **kept}.items()))


def _labels_of(base: BaseImage) -> Mapping[str, str]:
    found = base.settings.get("Labels")
    return found if isinstance(found, dict) else {}


def _history(base: BaseImage) -> list[Any]:
    """Return the base's history; if it is incomplete, a plain entry for each of its layers."""
    listed = base.config.get("history")
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if sum(not each.get("empty_layer") for each in found) == len(base.layers):
        return found
    return [{"created_by": "base image"}] * len(base.layers)


def _made(layer: Layer, created: str) -> dict[str, str]:
    how = f", {layer.made}" if layer.made else ""
    return {"created": created, "created_by": f"modelenv {VERSION} export: {layer.what}{how}"}


def _documents(image: Image, reference: str) -> dict[str, bytes]:
    """Return the small files of a layout, by name."""
    listed = {
        **image.manifest.document(),
        "platform": dict(image.platform),
        "annotations": {REFERENCE: reference},
    }
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed]}
    blobs = {f"blobs/{key.replace(':', '/')}": data for key, data in image.documents.items()}
    return {"oci-layout": _text({"imageLayoutVersion": "1.0.0"}), INDEX_FILE: _text(index), **blobs}


def _for_docker(image: Image, reference: str) -> bytes:
    """Return the list that ``docker load`` reads, for the same blobs."""
    layers = (*image.below, *(layer.blob for layer in image.layers))
    return _text(
        [
            {
                "Config": image.config.name,
                "RepoTags": [str(ImageName.read(reference))],
                "Layers": [each.name for each in layers],
            }
        ]
    )


def _blob(kind: str, document: object) -> tuple[Descriptor, bytes]:
    data = _text(document)
    return Descriptor(kind, f"sha256:{hashlib.sha256(data).hexdigest()}", len(data)), data


def _text(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, _EPOCH, 0o644
    return member


def _time(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def total(image: Image) -> Iterator[int]:
    """Yield the compressed size of each layer in bytes."""
    yield from (each.size for each in image.below)
    yield from (layer.blob.size for layer in image.layers)
