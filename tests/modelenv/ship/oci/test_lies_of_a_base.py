"""A layout may be anybody's: what it says of itself is compared with what it is."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import ModelenvError
from modelenv.ship.errors import NoImageError
from modelenv.ship.oci.base import archive, image, store
from modelenv.ship.oci.base.archive import TAR_GZIP
from modelenv.ship.oci.base.tree import Tree

from .small_base import PYTHON, Layout, as_tar, digest, tar_of

TAR = tar_of(PYTHON)
PACKED = gzip.compress(TAR, mtime=0)


def read(layout: Path | str, platform: str = "linux/amd64") -> Tree:
    return image.read(str(layout), platform).tree(lambda _: 0)


def change(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def swap(layout: Layout, data: bytes) -> None:
    layout.path(digest(PACKED)).write_bytes(data)


def link(file: Path, to: str) -> None:
    file.unlink()
    file.symlink_to(to)


def say_of_layer(layout: Layout, **said: Any) -> Layout:
    """Return another layout, whose manifest says something else of its layer."""
    other = Layout(layout.folder.with_name("other"))
    entry = {"mediaType": TAR_GZIP, "digest": digest(PACKED), "size": len(PACKED)}
    other.add(manifest={"layers": [{**entry, **said}]})
    return other


LIES: dict[str, tuple[Callable[[Layout], object], str]] = {
    "a layer is another": (lambda lie: swap(lie, PACKED[:-1] + b"x"), "cannot be unpacked"),
    "a layer is another, as long": (
        lambda lie: swap(lie, gzip.compress(TAR[:-1] + b"x", mtime=0)[: len(PACKED)]),
        "is another|cannot be unpacked|has .* bytes",
    ),
    "a layer is shorter": (lambda lie: swap(lie, PACKED[:50]), "cannot be unpacked"),
    "a layer is longer": (lambda lie: swap(lie, PACKED + bytes(9)), "is longer than"),
    "a layer is not there": (lambda lie: lie.path(digest(PACKED)).unlink(), "is not there"),
    "a layer is a link to something else": (
        lambda lie: link(lie.path(digest(PACKED)), "../../oci-layout"),
        "cannot be unpacked",
    ),
    "a layer is a link to a folder": (lambda lie: link(lie.path(digest(PACKED)), ".."), "base"),
    "a layer is a link to itself": (
        lambda lie: link(lie.path(digest(PACKED)), digest(PACKED)[7:]),
        "base",
    ),
    "the manifest is another": (
        lambda lie: change(lie.path(lie.listed[0]["digest"]), layers=[]),
        "its blob sha256:.* is longer|has .* bytes|is another",
    ),
    "no JSON": (lambda lie: (lie.folder / "index.json").write_text("{"), "is no JSON"),
    "no index": (lambda lie: (lie.folder / "index.json").unlink(), "has no index.json"),
    "no images": (lambda lie: change(lie.folder / "index.json", manifests={}), "index is invalid"),
    "no marker": (lambda lie: (lie.folder / "oci-layout").unlink(), "is no OCI image layout"),
    "another version": (
        lambda lie: change(lie.folder / "oci-layout", imageLayoutVersion="2.0.0"),
        "has version 2.0.0",
    ),
    "a digest is a path": (
        lambda lie: change(
            lie.folder / "index.json",
            manifests=[{**lie.listed[0], "digest": "sha256:../../../etc/passwd"}],
        ),
        "no digest",
    ),
    "a size is a text": (
        lambda lie: change(lie.folder / "index.json", manifests=[{**lie.listed[0], "size": "1"}]),
        "no size",
    ),
    "a document is huge": (
        lambda lie: change(lie.folder / "index.json", manifests=[{**lie.listed[0], "size": 9**9}]),
        "is stated to be a document of",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_layout_that_is_not_what_it_says_is_refused(tmp_path, lie):
    layout = Layout(tmp_path / "base")
    layout.add()
    assert read(layout.folder).find("/usr/bin/python3")
    make, said = LIES[lie]
    make(layout)
    with pytest.raises(ModelenvError, match=said):
        read(layout.folder)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (
            {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"},
            "its kind is unknown",
        ),
        ({"mediaType": "application/vnd.oci.image.layer.v1.tar"}, "cannot be unpacked"),
        ({"mediaType": "application/vnd.oci.image.layer.v1.tar+zstd"}, "cannot be unpacked"),
        ({"size": len(PACKED) - 1}, "is longer than"),
        ({"size": len(PACKED) + 1}, "has .* bytes instead of"),
        ({"digest": f"md5:{'0' * 32}"}, "no digest"),
    ],
)
def test_a_manifest_that_lies_about_its_layer_is_refused(tmp_path, said, refused):
    layout = Layout(tmp_path / "base")
    layout.add()
    other = say_of_layer(layout, **said)
    with pytest.raises(NoImageError, match=refused):
        read(other.folder)


@pytest.mark.parametrize(
    ("diff_ids", "said"),
    [([digest(b"")], "unpacks to sha256"), ([], "names 1 layers"), (["md5:1"], "unpacks|known")],
)
def test_a_configuration_that_lies_about_its_layers_is_refused(tmp_path, diff_ids, said):
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    folder = Layout(tmp_path / "base").add(config={"rootfs": rootfs})
    with pytest.raises(NoImageError, match=said):
        read(folder)


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/../outside"])
def test_a_file_that_leads_out_is_refused(tmp_path, name):
    folder = Layout(tmp_path / "base").add([{name: b"1"}])
    with pytest.raises(NoImageError, match="leads out of the image"):
        read(folder)


def test_a_layer_that_unpacks_to_more_than_is_taken_is_refused(tmp_path):
    base = image.read(
        str(Layout(tmp_path / "base").add([{"zeros": bytes(1 << 20)}])), "linux/amd64"
    )
    with (
        pytest.raises(NoImageError, match="unpacks to more than 500,000 bytes"),
        archive.members(base.store, base.layers[0], base.diff_ids[0], 500_000) as members,
    ):
        list(members)


def test_a_header_that_says_it_is_huge_is_not_read(tmp_path):
    """It is of the kind that is read whole: it gives the next file a long name."""
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    tar = member.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    layout = Layout(tmp_path / "base")
    folder = layout.add(
        packed=[(gzip.compress(tar), TAR_GZIP)],
        config={"rootfs": {"type": "layers", "diff_ids": [digest(tar)]}},
    )
    # Newer releases of Python stop at such a header by themselves.
    with pytest.raises(NoImageError, match=r"too large|cannot be unpacked \(empty header\)"):
        read(folder)
    (tmp_path / "huge.tar").write_bytes(tar)
    with pytest.raises(NoImageError, match="neither a folder nor a tar"):
        read(tmp_path / "huge.tar")


@pytest.mark.parametrize(
    "fields", [{"mtime": "nan"}, {"mtime": "inf"}, {"mtime": "1e300"}, {"uid": "x"}]
)
def test_a_header_of_odd_numbers_does_not_end_the_reading(tmp_path, fields):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("odd")
        member.pax_headers = fields
        tar.addfile(member)
    tar_data = stream.getvalue()
    folder = Layout(tmp_path / "base").add(
        packed=[(tar_data, "application/vnd.oci.image.layer.v1.tar")],
        config={"rootfs": {"type": "layers", "diff_ids": [digest(tar_data)]}},
    )
    assert read(folder).find("/odd")


def test_headers_upon_headers_are_no_endless_reading(tmp_path):
    """Each gives the next one a long name."""
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1
    tar_data = (member.tobuf(tarfile.GNU_FORMAT) + bytes(512)) * 200 + bytes(1024)
    folder = Layout(tmp_path / "base").add(
        packed=[(tar_data, "application/vnd.oci.image.layer.v1.tar")],
        config={"rootfs": {"type": "layers", "diff_ids": [digest(tar_data)]}},
    )
    with pytest.raises(NoImageError, match="cannot be unpacked"):
        read(folder)


@pytest.mark.parametrize("said", [{"architecture": ["amd64"]}, {"variant": 5}, {"os": {}}])
def test_a_platform_that_is_none_is_refused(tmp_path, said):
    with pytest.raises(NoImageError, match="its platform is"):
        read(Layout(tmp_path / "base").add(config=said))


def test_a_tar_of_a_layout_is_read_where_it_is(tmp_path):
    folder = Layout(tmp_path / "base").add()
    tar = as_tar(folder, tmp_path / "base.tar")
    assert read(tar).find("/usr/bin/python3")
    opened = store.opened(tar)
    name = f"blobs/{digest(PACKED).replace(':', '/')}"
    opened.hand_over(name, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == PACKED
    tar.write_bytes(tar.read_bytes().replace(PACKED, PACKED[::-1]))
    with pytest.raises(NoImageError, match="cannot be unpacked"):
        read(tar)


@pytest.mark.parametrize("name", ["nothing", "folder", "docker.tar", "text.tar"])
def test_what_is_no_layout_is_told_with_a_way_to_one(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.tar").write_text("no tar" * 200)
    with tarfile.open(tmp_path / "docker.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("manifest.json"), io.BytesIO())
    with pytest.raises(NoImageError, match="skopeo copy docker-archive:FILE"):
        read(tmp_path / name)


@pytest.mark.parametrize("kind", ["tar", "docker", "docker gzip", "zstd", "two parts"])
def test_a_layer_may_be_packed_as_builders_do(tmp_path, kind):
    docker = "application/vnd.docker.image.rootfs.diff.tar"
    packed = {
        "tar": (TAR, "application/vnd.oci.image.layer.v1.tar"),
        "docker": (TAR, docker),
        "docker gzip": (PACKED, f"{docker}.gzip"),
        # As stargz and parallel compressors have it.
        "two parts": (gzip.compress(TAR[:700]) + gzip.compress(TAR[700:]), TAR_GZIP),
    }
    if kind == "zstd":
        if shutil.which("zstd") is None:
            pytest.skip("there is no program zstd")
        data = subprocess.run(["zstd", "-cq"], input=TAR, capture_output=True, check=True).stdout
        packed[kind] = (data, "application/vnd.oci.image.layer.v1.tar+zstd")
    folder = Layout(tmp_path / "base").add(packed=[packed[kind]])
    assert read(folder).find("/usr/bin/python3")


def test_a_layer_may_hold_nothing(tmp_path):
    """As that of an instruction that changed no file."""
    assert read(Layout(tmp_path / "base").add([PYTHON, {}])).find("/usr/bin/python3")


def test_an_image_is_chosen_by_its_platform(tmp_path):
    layout = Layout(tmp_path / "base")
    layout.add()
    layout.add(config={"architecture": "arm64", "variant": "v8"})
    folder = layout.add(config={"architecture": "arm", "variant": "v7"})
    # An attestation, as BuildKit puts it beside images.
    layout.listed.append({**layout.listed[0], "platform": {"os": "unknown"}})
    layout.write_index()
    for wanted, found in (
        ("linux/amd64", "amd64"),
        ("linux/arm64", "arm64"),
        ("linux/arm64/v8", "arm64"),
        ("linux/arm/v7", "arm"),
    ):
        assert image.read(str(folder), wanted).architecture == found
    for wanted in ("linux/arm/v6", "windows/amd64", "linux/s390x"):
        with pytest.raises(NoImageError, match="but linux/amd64, linux/arm/v7, linux/arm64/v8"):
            image.read(str(folder), wanted)


def test_an_index_within_an_index_is_read(tmp_path):
    layout = Layout(tmp_path / "base")
    layout.add()
    inner = json.dumps({"schemaVersion": 2, "manifests": layout.listed}).encode()
    layout.listed = [layout.put(inner, image.INDEX)]
    assert read(layout.write_index()).find("/usr/bin/python3")


def test_one_of_several_images_is_chosen_by_its_name(tmp_path):
    layout = Layout(tmp_path / "base")
    layout.add(name="old")
    folder = layout.add([PYTHON, {"new": b""}], name="new:2")
    assert read(f"{folder}:new:2").find("/new")
    assert not read(f"{folder}:old").find("/new")
    with pytest.raises(NoImageError, match=r"several images for linux/amd64.*of new:2, old"):
        read(folder)
    odd = folder.rename(folder.with_name("a:base"))
    assert read(f"{odd}:new:2").find("/new")
    with pytest.raises(NoImageError, match="no image that is called newer"):
        read(f"{odd}:newer")
