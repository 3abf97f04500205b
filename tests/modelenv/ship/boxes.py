"""Bases for real images: one of Debian alone, with a read-only root."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BASE = "localhost/modelenv-tests-base:1"
SUITES = {(3, 11): "bookworm", (3, 13): "trixie"}
"""Debian's releases by their Python."""
READY_ROOT = "MODELENV_DEBIAN_ROOT"
"""The variable that names a root which debootstrap has made before."""
_VARIABLES = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def buildah(*words: str) -> str:
    ended = subprocess.run(["buildah", *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def missing() -> str:
    """Return why no image can be built here; nothing where that can be tried."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "chroot needs root, on Linux"
    if sys.version_info[:2] not in SUITES:
        return "no release of Debian has this Python"
    needed = ["buildah", "unshare"]
    needed += [] if os.environ.get(READY_ROOT) else ["debootstrap"]
    absent = [name for name in needed if shutil.which(name) is None]
    return f"there is no {', '.join(absent)}" if absent else ""


def make_base(folder: Path) -> None:
    """Make the base image of Debian alone, with Python; skip where no mirror can be reached."""
    root = Path(os.environ.get(READY_ROOT) or folder / "root")
    if not root.exists():
        suite = SUITES[sys.version_info[:2]]
        words = ["debootstrap", "--variant=minbase", "--include=python3,python3-venv"]
        ended = subprocess.run([*words, suite, root, *mirror()], capture_output=True, check=False)
        if ended.returncode != 0:
            pytest.skip(f"debootstrap: {ended.stdout.decode()[-300:]}")
    archive = folder / "root.tar"
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    container = buildah("from", "scratch").strip()
    buildah("add", "--quiet", container, str(archive), "/")
    archive.unlink()
    buildah("config", "--env", _VARIABLES, "--cmd", "python3", container)
    buildah("commit", "--quiet", container, BASE)
    buildah("rm", container)


def mirror() -> list[str]:
    """Return the mirror that this machine uses, where that is said: debootstrap has its own."""
    for file in Path("/etc/apt").rglob("*.sources"):
        for line in file.read_text().splitlines():
            if line.startswith("URIs:"):
                return [line.split()[1]]
    return []


def inspected(image: str) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", image))
    return found


def layers(image: str) -> list[str]:
    """Return the digests of what an image's layers hold, the base's first."""
    found: list[str] = inspected(image)["OCIv1"]["rootfs"]["diff_ids"]
    return found


@contextmanager
def mounted(image: str) -> Iterator[Path]:
    """Yield the root of a container of an image."""
    container = buildah("from", "--pull-never", image).strip().splitlines()[-1]
    try:
        yield Path(buildah("mount", container).strip())
    finally:
        buildah("umount", container)
        buildah("rm", container)


def box(image: str, root: Path, command: Sequence[str]) -> list[str]:
    """Return a command in the image's root, read-only but for /tmp, as the image's user."""
    config = inspected(image)["OCIv1"]["config"]
    user, _, group = config["User"].partition(":")
    script = f"""
        set -e
        mount --make-rprivate /
        mount --bind {root} {root}
        mount -o remount,bind,ro {root}
        mount -t tmpfs tmpfs {root}/tmp
        mount -t proc proc {root}/proc
        exec chroot --userspec={user}:{group} --groups= {root} "$@"
    """
    return ["unshare", "--mount", "sh", "-c", script, "sh", *command]


def variables(image: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in inspected(image)["OCIv1"]["config"]["Env"])


@contextmanager
def running(image: str, log: Path) -> Iterator[str]:
    """Run an image as its own command says; yield where it answers."""
    config = inspected(image)["OCIv1"]["config"]
    command = [*config["Entrypoint"], *config["Cmd"]]
    with mounted(image) as root, log.open("wb") as output:
        process = subprocess.Popen(
            box(image, root, command), env=variables(image), stdout=output, stderr=output
        )
        try:
            address = f"http://{own_address()}:{command[-1]}"
            until_ready(address, process, log)
            yield address
        finally:
            process.terminate()
            ended = process.wait(60)
        assert ended == 0, log.read_text()  # in order


def own_address() -> str:
    """Return an address of this machine that others reach, where it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found: str = probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
    return found


def until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
