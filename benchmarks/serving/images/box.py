"""A store of images, a base of Debian alone, and what building and running costs."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

BASE = "localhost/benchmark-base:1"
ADDRESS = "http://127.0.0.1:8080/invocations"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PR_SET_CHILD_SUBREAPER = 36
_CERTIFICATES = ("/etc/ssl/certs", "/usr/local/share/ca-certificates")


def buildah(*words: str) -> str:
    """Run buildah and return what it printed."""
    ended = subprocess.run(["buildah", *words], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"buildah {' '.join(words)}\n{ended.stdout[-4000:]}{ended.stderr[-4000:]}")
    return ended.stdout


def build_options() -> list[str]:
    """Return the options of every build: the certificates of this machine, for its indexes."""
    return [f"-v={place}:{place}:ro" for place in _CERTIFICATES if Path(place).is_dir()]


@contextmanager
def store(folder: Path) -> Iterator[None]:
    """Keep images in a folder for the length of a block."""
    folder.mkdir(parents=True)
    config = folder / "storage.conf"
    places = f'graphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
    config.write_text(f'[storage]\ndriver = "overlay"\n{places}')
    os.environ["CONTAINERS_STORAGE_CONF"] = str(config)
    os.environ["BUILDAH_ISOLATION"] = "chroot"
    try:
        yield
    finally:
        buildah("rm", "--all")
        buildah("rmi", "--all", "--force")
        shutil.rmtree(folder, ignore_errors=True)


def make_base(folder: Path, root: Path | None) -> None:
    """Make the base of a root, which debootstrap makes where there is none."""
    if root is None:
        root = folder / "root"
        words = ["debootstrap", "--variant=minbase"]
        words += ["--include=python3,python3-venv,ca-certificates"]
        subprocess.run([*words, "bookworm", str(root)], check=True)
    archive = folder / "root.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
    container = buildah("from", "scratch").strip()
    buildah("add", "--quiet", container, str(archive), "/")
    archive.unlink()
    buildah("config", "--env", _PATH, container)
    buildah("commit", "--quiet", container, BASE)
    buildah("rm", container)


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of CPU of the processes that some work starts, and its seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - began


def above_base(image: str) -> tuple[float, int]:
    """Return the megabytes of files, and the layers, that an image has above the base."""
    sizes = [_megabytes(each) for each in (image, BASE)]
    counts = [len(inspected(each)["OCIv1"]["rootfs"]["diff_ids"]) for each in (image, BASE)]
    return sizes[0] - sizes[1], counts[0] - counts[1]


def inspected(image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", image))
    return found


def _megabytes(image: str) -> float:
    container = buildah("from", "--pull-never", image).strip().splitlines()[-1]
    place = buildah("mount", container).strip()
    words = ["du", "-sx", "--block-size=1K", place]
    used = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    buildah("umount", container)
    buildah("rm", container)
    return int(used.split()[0]) * 1024 / 1e6


def first_answer(image: str, request: bytes) -> float:
    """Return the seconds from starting an image's command to its first prediction."""
    container = buildah("from", "--pull-never", image).strip().splitlines()[-1]
    config = inspected(image)["OCIv1"]["config"]
    command = [*config["Entrypoint"], *config.get("Cmd", [])]
    _adopt_orphans()
    began = time.perf_counter()
    process = subprocess.Popen(
        ["buildah", "run", container, "--", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(request):
            if process.poll() is not None or time.perf_counter() - began > 300:
                raise SystemExit(f"{image} does not answer")
            time.sleep(0.02)
        return time.perf_counter() - began
    finally:
        process.terminate()
        _end_descendants()
        process.wait(60)
        buildah("rm", container)


def _answers(request: bytes) -> bool:
    asked = urllib.request.Request(ADDRESS, request, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _adopt_orphans() -> None:
    """Become the parent of what a server leaves behind."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_descendants() -> None:
    """End all that this process started, and what that left behind."""
    for _ in range(100):
        parents = dict(_iter_parents())
        below = {number for number in parents if _is_below(number, parents)}
        if not below:
            return
        for number in below:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.1)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    raise SystemExit("processes of a container do not end")


def _iter_parents() -> Iterator[tuple[int, int]]:
    """Yield each process with its parent."""
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            number, _, rest = each.read_text("utf-8", "replace").rpartition(")")
            yield int(number.partition(" ")[0]), int(rest.split()[1])


def _is_below(number: int, parents: dict[int, int]) -> bool:
    while number in parents:
        number = parents[number]
        if number == os.getpid():
            return True
    return False
