"""A text with several failures: the last one is diagnosed, by what itself says."""

from __future__ import annotations

import pytest

from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules
from modelenv.repair.diagnosis import Diagnosis
from modelenv.repair.reading.failure import Failure

EARLIER = """\
Traceback (most recent call last):
  File "/srv/app.py", line 3, in <module>
    import ujson
ModuleNotFoundError: No module named 'ujson'
"""
LATER = 'Traceback (most recent call last):\n  File "/srv/b.py", line 1, in f\n    g()\n'


def diagnosed(text: str) -> Diagnosis:
    return apply_rules(Failure.of_text(text), Knowledge())


ALONE = {
    "a library": (
        "OSError: libgomp.so.1: cannot open shared object file: No such file or directory",
        "libgomp.so.1",
    ),
    "a module": ("ModuleNotFoundError: No module named 'cv2'", "opencv-python-headless"),
    "a file": (
        "FileNotFoundError: [Errno 2] No such file or directory: 'words.txt'",
        "words.txt",
    ),
    "a damaged pickle": ("EOFError: Ran out of input", "model"),
    "memory of a device": ("torch.OutOfMemoryError: CUDA out of memory.", "device memory"),
}


@pytest.mark.parametrize("between", ["", "retrying\n", "INFO: served: 3\n\n"])
@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE)
def test_an_exception_alone_is_a_failure_of_its_own(case: tuple[str, str], between: str) -> None:
    line, subject = case
    found = diagnosed(f"{EARLIER}{between}{line}\n")
    assert found.subject == subject
    assert "ujson" not in str(found)
    assert line.rpartition(": ")[2] in " ".join(found.evidence)


@pytest.mark.parametrize("case", ALONE.values(), ids=ALONE)
def test_of_two_tracebacks_the_last_one_counts(case: tuple[str, str]) -> None:
    line, subject = case
    found = diagnosed(f"{EARLIER}\n{LATER}{line}\n")
    assert (found.subject, "ujson" in str(found)) == (subject, False)


@pytest.mark.parametrize(
    "earlier",
    [
        "OSError: [Errno 28] No space left on device",
        "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "RuntimeError: ResolutionImpossible: see above",
        "RuntimeError: No matching distribution found for kiln==3",
        "RuntimeError: Failed building wheel for kiln",
    ],
)
def test_the_words_of_an_earlier_failure_say_nothing_of_this_one(earlier: str) -> None:
    found = diagnosed(f"{LATER}{earlier}\n\nserving again\n{EARLIER}")
    assert (found.rule, found.subject) == ("missing-module", "ujson")
    assert diagnosed(f"{EARLIER}\n{LATER}{earlier}\n").subject != "ujson"


def test_a_warning_of_long_ago_speaks_of_all_that_follows() -> None:
    warned = "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.1.0 as it may\n"
    found = diagnosed(f"{warned}{EARLIER}\n{LATER}RuntimeError: Numpy is not available\n")
    assert found.rule == "numpy-abi"


@pytest.mark.parametrize(
    "after",
    [
        "ModuleNotFoundError: No module named 'ujson'\n",
        "INFO: done\n",
        "DeprecationWarning: x is old\n",
    ],
)
def test_what_follows_a_failure_and_is_none_takes_nothing_from_it(after: str) -> None:
    found = diagnosed(EARLIER + after)
    assert found.subject == "ujson"
    assert "app.py:3" in str(found)


def test_what_a_message_quotes_is_its_own() -> None:
    quoting = "RuntimeError: Failed to import it because of the following error:\n"
    found = Failure.of_text(f"{LATER}{quoting}ModuleNotFoundError: No module named 'cv2'\n")
    assert [each.type for each in found.chain] == ["RuntimeError"]
    assert found.missing == ("cv2",)


def test_a_chain_is_one_failure() -> None:
    joined = "\nDuring handling of the above exception, another exception occurred:\n\n"
    found = Failure.of_text(f"{EARLIER}{joined}{LATER}RuntimeError: no\n")
    assert [each.type for each in found.chain] == ["ModuleNotFoundError", "RuntimeError"]
    assert Failure.of_text(f"{EARLIER}{joined}RuntimeError: no\n").own.startswith(LATER[:9])


# What nobody had known


KNOWN = {
    "conda": (
        "PackagesNotFoundError: The following packages are not available from current channels:\n"
        "\n  - kiln-glaze=1.2\n\nCurrent channels:\n\n  - https://channels/main\n",
        ("no-such-version", "kiln-glaze"),
    ),
    "NLTK, a line": ("Resource punkt not found", ("missing-file", "punkt")),
    "NLTK, a block": (
        "LookupError: \n" + "*" * 70 + "\n  Resource \x1b[93mpunkt_tab\x1b[0m not found.\n"
        "  Please use the NLTK Downloader to obtain the resource:\n\n  >>> import nltk\n"
        "  >>> nltk.download('punkt_tab')\n  \n  Searched in:\n    - '/usr/share/nltk_data'\n",
        ("missing-file", "punkt_tab"),
    ),
    "PySpark": (
        "pyspark.errors.exceptions.base.PySparkRuntimeError: [JAVA_GATEWAY_EXITED] Java gateway"
        " process exited before sending its port number.",
        ("missing-program", "java"),
    ),
    "PySpark before": (
        f"{LATER}Exception: Java gateway process exited before sending its port number",
        ("missing-program", "java"),
    ),
    "JPype": (
        "jpype._jvmfinder.JVMNotFoundException: No JVM shared library file (libjvm.so) found.",
        ("missing-program", "java"),
    ),
    "PyTorch": (
        "OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
        ("out-of-memory", "device memory"),
    ),
    "CUDA": (
        f"{LATER}RuntimeError: CUDA error: out of memory\n",
        ("out-of-memory", "device memory"),
    ),
    "JAX": (
        "XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8 bytes",
        ("out-of-memory", "device memory"),
    ),
}


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
def test_what_tools_say_is_known(case: tuple[str, tuple[str, str]]) -> None:
    text, said = case
    found = diagnosed(text)
    assert (found.rule, found.subject) == said, str(found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ValueError: <COMPRESSION.LZW: 5> requires the 'imagecodecs' package", "imagecodecs"),
        ("ValueError: reading kiln files needs the `kiln-reader` library", "kiln-reader"),
        (
            "ValueError: found the following matches with the input file in xarray's IO backends:"
            " ['netcdf4', 'h5netcdf']. But their dependencies may not be installed, see:",
            "netcdf4",
        ),
    ],
)
@pytest.mark.parametrize("head", ["", LATER])
def test_a_package_in_quotes_is_a_guess_that_nobody_tries(text: str, name: str, head: str) -> None:
    found = diagnosed(head + text)
    assert (found.subject, found.certain, found.edit) == (name, False, None), str(found)
    assert f"pip install {name}" in found.remedy
