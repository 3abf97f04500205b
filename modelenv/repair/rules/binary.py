"""Rules for machine code: shared libraries, numpy's binary interface, the processor."""

from __future__ import annotations

import re

from ..context import Case
from ..diagnosis import Diagnosis, Edit
from ..failure import Raised
from ..module_owners import owner_of
from .libraries import is_cuda, package_of
from .remedies import add_command
from .versions import is_major

_LIBRARY = re.compile(r"(\S+\.so[\w.]*): cannot open shared object file|Library not loaded: (\S+)")
_GLIBC = re.compile(r"version `(GLIBC(?:XX)?_[\d.]+)' not found")
_PLATFORM = re.compile(r"wrong ELF class|invalid ELF header|Exec format error|incompatible archi")
_SYMBOL = re.compile(r"(\S+\.so[\w.]*): undefined symbol: (\w+)")
_ABI = re.compile(
    r"numpy\.\w+ size changed|compiled using NumPy 1\.x|_ARRAY_API not found|"
    r"numpy\.core\.multiarray failed to import|numpy\._core\.multiarray failed to import|"
    r"module compiled against (?:ABI|API) version"
)


def check_shared_library(case: Case) -> Diagnosis | None:
    """Know a shared library that the system lacks, and the package that has it."""
    for raised in case.failure.chain:
        found = _LIBRARY.search(raised.message)
        if found is None:
            continue
        library = (found[1] or found[2]).rpartition("/")[2]
        package = package_of(library)
        if package is not None:
            remedy = f"apt-get update && apt-get install -y {package}"
        elif is_cuda(library):
            remedy = "run it where NVIDIA's driver is, or pin the build for the processor alone"
        else:
            remedy = f"find the package that has it: apt-file search {library}"
        edit = _headless(case, raised, library)
        return Diagnosis(
            rule="missing-library",
            problem=f"the shared library {library} is not on this system",
            subject=library,
            stage=case.failure.stage,
            evidence=_evidence(raised),
            edit=edit,
            remedy=remedy,
            alternatives=(edit.requirement,) if edit else (),
        )
    return None


def check_numpy_abi(case: Case) -> Diagnosis | None:
    """Know an extension that was compiled for another numpy."""
    raised = next((each for each in case.failure.chain if _ABI.search(each.message)), None)
    printed = _ABI.search(case.failure.text)
    if raised is None and printed is None:
        return None
    numpy = case.known.pins.get("numpy", "")
    before = re.search(r"cannot be run in\s+NumPy (\d+\.\d+\.\d+)", case.failure.text)
    numpy = numpy or (before[1] if before else "")
    line = "numpy<2" if not numpy or is_major(numpy, 2) else f"numpy>{numpy}"
    told = raised or case.failure.last
    compiled = _compiled(case, told) if told is not None else ()
    return Diagnosis(
        rule="numpy-abi",
        problem=f"a compiled module was built for another numpy than {numpy or 'the one here'}",
        subject="numpy",
        stage=case.failure.stage,
        evidence=_evidence(told) if told is not None else (),
        edit=Edit(line),
        remedy=add_command(case, line),
        alternatives=compiled,
    )


def _compiled(case: Case, raised: Raised) -> tuple[str, ...]:
    """Return other versions of what was compiled for another numpy: it may be what has to move."""
    for frame in reversed(raised.frames):
        name = owner_of(frame.module, case.known.installed, case.known.pins).name
        if name in case.known.pins and name != "numpy":
            better = case.known.better(name)
            return (f"{name}=={better}",) if better else (f"{name}>{case.known.pins[name]}",)
    return ()


def check_symbol(case: Case) -> Diagnosis | None:
    """Know a compiled module that fits another library than the one it found."""
    for raised in case.failure.chain:
        found = _SYMBOL.search(raised.message)
        if found:
            file = re.split(r"/(?:site|dist)-packages/", found[1])[-1]
            module = file.partition(".")[0].replace("/", ".")
            owner = owner_of(module, case.known.installed, case.known.pins)
            pinned = case.known.pins.get(owner.name, "")
            return Diagnosis(
                rule="undefined-symbol",
                problem=f"{owner.name} {pinned}".strip()
                + f" was compiled against another library: {found[2]} is not in the one here",
                subject=owner.name,
                stage=case.failure.stage,
                evidence=_evidence(raised),
                remedy=f"choose builds of {owner.name} and of what it links to that go together",
            )
    return None


def check_system(case: Case) -> Diagnosis | None:
    """Know a binary for a newer system or another processor."""
    text = " ".join(raised.message for raised in case.failure.chain)
    older, other = _GLIBC.search(text), _PLATFORM.search(text)
    if older is None and other is None:
        return None
    wanted = older[1] if older else "another processor"
    return Diagnosis(
        rule="other-system",
        problem=f"a compiled module needs {wanted}",
        subject=wanted,
        stage=case.failure.stage,
        evidence=tuple(map(str, case.failure.chain[-1:])),
        remedy="take a newer base image (python:3.11-slim, say)"
        if older
        else "install the wheels of this platform: build the environment here, copy none",
    )


def _headless(case: Case, raised: Raised, library: str) -> Edit | None:
    """OpenCV has a build that needs no screen."""
    opencv = any("/cv2/" in frame.file for frame in raised.frames)
    screen = library.startswith(("libGL", "libgthread", "libglib", "libSM", "libX"))
    if not (opencv and screen):
        return None
    version = case.known.pins.get("opencv-python", "")
    return Edit(f"opencv-python-headless{f'=={version}' if version else ''}")


def _evidence(raised: Raised) -> tuple[str, ...]:
    outside = [frame for frame in raised.frames if not frame.file.startswith("<frozen")]
    return (str(raised), *([f"{outside[-1].place}: {outside[-1].code}"] if outside else []))
