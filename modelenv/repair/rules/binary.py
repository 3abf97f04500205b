"""Rules for machine code: shared libraries, symbols, numpy's binary interface."""

from __future__ import annotations

import re

from ...system.debian import library_package
from ..context import Case
from ..diagnosis import Diagnosis
from ..reading.chain import Raised
from .recorded import recorded
from .versions import is_major

_LIBRARY = re.compile(
    r"(?<!\S)(\S+\.so[\w.]*): cannot open shared object file|Library not loaded: (\S+)"
)
_ITS_NAME = re.compile(r"\S+(?:\.so(?:\.\d+)*|\.dylib|\.dll)")
_CUDA = re.compile(r"lib(cuda|cudart|cublas|cublasLt|cudnn|cufft|curand|cusparse|nccl|nvrtc)\b")
_SYMBOL = re.compile(r"(?<!\S)(\S+\.so[\w.]*): undefined symbol: (\w+)")
_ABI = re.compile(
    r"numpy\.\w+ size changed|compiled using NumPy 1\.x|_ARRAY_API not found|"
    r"numpy\.core\.multiarray failed to import|numpy\._core\.multiarray failed to import|"
    r"module compiled against (?:ABI|API) version"
)


def check_shared_library(case: Case) -> Diagnosis | None:
    """Diagnose a shared library that the system lacks, and the package that has it."""
    for raised in case.failure.chain:
        path = _library(raised)
        if not path:
            continue
        library = path.rpartition("/")[2]
        if not _is_of_the_system(case, path):
            owned = recorded(case, "library", path, raised) or recorded(
                case, "library", library, raised
            )
            if owned is not None:
                return owned
        line = _headless(case, raised, library)
        return case.diagnosis(
            "missing-library",
            f"the shared library {library} is not on this system",
            library,
            raised.evidence,
            edit=line,
            remedy=_library_remedy(library),
            alternatives=(line,) if line else (),
        )
    return None


def _is_of_the_system(case: Case, path: str) -> bool:
    """Return whether a library named without a folder is a package of the system.

    The copy of it that some distribution keeps for itself is found by that distribution alone, so
    it counts only if the trace saw a copy loaded from there.
    """
    if "/" in path or not library_package(path):
        return False
    loaded = (str(each.get("name", "")) for each in case.known.touches if each["kind"] == "library")
    return not any("-packages/" in name and name.endswith(f"/{path}") for name in loaded)


def _library(raised: Raised) -> str:
    """Return the library that is missing, also if its name is all that was said."""
    found = _LIBRARY.search(raised.message)
    if found is not None:
        return found[1] or found[2]
    alone = "" if raised.type else raised.message
    return alone if _ITS_NAME.fullmatch(alone) else ""


def _library_remedy(library: str) -> str:
    package = library_package(library)
    if package:
        return f"apt-get update && apt-get install -y {package}"
    if _CUDA.match(library):
        return "run it where NVIDIA's driver is, or pin the build for the processor alone"
    return f"find the package that has it: apt-file search {library}"


def _headless(case: Case, raised: Raised, library: str) -> str:
    """Return the requirement of OpenCV's build that needs no screen, if that is it."""
    version = case.known.pins.get("opencv-python", "")
    opencv = any("/cv2/" in frame.file for frame in raised.frames) or (
        version and not raised.frames
    )
    screen = library.startswith(("libGL", "libgthread", "libglib", "libSM", "libX"))
    if not (opencv and screen):
        return ""
    return f"opencv-python-headless{f'=={version}' if version else ''}"


def check_numpy_abi(case: Case) -> Diagnosis | None:
    """Diagnose an extension that was compiled for another numpy."""
    raised = next((each for each in case.failure.chain if _ABI.search(each.message)), None)
    if raised is None and _ABI.search(case.failure.text) is None:
        return None
    numpy = case.known.pins.get("numpy", "")
    before = re.search(r"cannot be run in\s+NumPy (\d+\.\d+\.\d+)", case.failure.text)
    numpy = numpy or (before[1] if before else "")
    shown = raised or case.failure.last
    return case.diagnosis(
        "numpy-abi",
        f"a compiled module was built for another numpy than {numpy or 'the one here'}",
        "numpy",
        shown.evidence if shown is not None else (),
        edit="numpy<2" if not numpy or is_major(numpy, 2) else f"numpy>{numpy}",
        alternatives=_compiled(case, shown) if shown is not None else (),
    )


def _compiled(case: Case, raised: Raised) -> tuple[str, ...]:
    """Return other versions of what was compiled for another numpy: it may be what has to move."""
    for frame in reversed(raised.frames):
        name = case.known.owner_of(frame.module).name
        if name in case.known.pins and name != "numpy":
            return (case.known.original_pin(name) or f"{name}>{case.known.pins[name]}",)
    return ()


def check_symbol(case: Case) -> Diagnosis | None:
    """Diagnose a compiled module that fits another library than the one it found."""
    for raised in case.failure.chain:
        found = _SYMBOL.search(raised.message)
        if found:
            file = re.split(r"/(?:site|dist)-packages/", found[1])[-1]
            module = file.partition(".")[0].replace("/", ".")
            owner = case.known.owner_of(module)
            name = owner.name
            return case.diagnosis(
                "undefined-symbol",
                f"{case.known.pinned(name)} was compiled against another library: {found[2]} is"
                " not in the one here",
                name,
                raised.evidence,
                remedy=f"choose builds of {name} and of what it links to that go together",
                certain=owner.certain,
            )
    return None
