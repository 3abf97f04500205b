"""Whatever people paste is read: a line, a record of a log, what a terminal or a notebook drew."""

from __future__ import annotations

import json

import pytest

from modelenv.repair.diagnose import diagnose
from modelenv.repair.reading.failure import Failure

PLAIN = """\
Traceback (most recent call last):
  File "/srv/mod.py", line 6, in load
    inner()
  File "/srv/mod.py", line 2, in inner
    import cv2
ModuleNotFoundError: No module named 'cv2'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/r.py", line 5, in <module>
    mod.load()
  File "/srv/mod.py", line 8, in load
    raise RuntimeError("the model cannot be loaded") from e
RuntimeError: the model cannot be loaded
"""

RICH = """\
╭───────────────────── Traceback (most recent call last) ──────────────────────╮
│ /srv/mod.py:6 in load                                                        │
│                                                                              │
│   5 │   try:                                                                 │
│ ❱ 6 │   │   inner()                                                          │
│   7 │   except ImportError as e:                                             │
│                                                                              │
│ /srv/mod.py:2 in inner                                                       │
│                                                                              │
│   1 def inner():                                                             │
│ ❱ 2 │   import cv2                                                           │
│   3 │   return cv2                                                           │
╰──────────────────────────────────────────────────────────────────────────────╯
ModuleNotFoundError: No module named 'cv2'

The above exception was the direct cause of the following exception:

╭───────────────────── Traceback (most recent call last) ──────────────────────╮
│ /srv/r.py:5 in <module>                                                      │
│                                                                              │
│ ❱ 5 mod.load()                                                               │
│                                                                              │
│ /srv/mod.py:8 in load                                                        │
│                                                                              │
│ ❱ 8 │   │   raise RuntimeError("the model cannot be loaded") from e          │
╰──────────────────────────────────────────────────────────────────────────────╯
RuntimeError: the model cannot be loaded
"""

IPYTHON = """\
---------------------------------------------------------------------------
ModuleNotFoundError                       Traceback (most recent call last)
File /srv/mod.py:6, in load()
      5 try:
----> 6     inner()
      7 except ImportError as e:

File /srv/mod.py:2, in inner()
      1 def inner():
----> 2     import cv2
      3     return cv2

ModuleNotFoundError: No module named 'cv2'

The above exception was the direct cause of the following exception:

RuntimeError                              Traceback (most recent call last)
Cell In[1], line 1
----> 1 import mod; mod.load()

File /srv/mod.py:8, in load()
      6     inner()
----> 8     raise RuntimeError("the model cannot be loaded") from e

RuntimeError: the model cannot be loaded
"""

LOGURU = """\
2026-11-29 00:12:01.785 | ERROR    | __main__:<module>:4 - x
Traceback (most recent call last):

  File "/srv/mod.py", line 6, in load
    inner()
    └ <function inner at 0x7f022ccaf1a0>

  File "/srv/mod.py", line 2, in inner
    import cv2

ModuleNotFoundError: No module named 'cv2'


The above exception was the direct cause of the following exception:


Traceback (most recent call last):

> File "/srv/l.py", line 3, in <module>
    try: mod.load()
         │   └ <function load at 0x7f022ccaf240>

  File "/srv/mod.py", line 8, in load
    raise RuntimeError("the model cannot be loaded") from e

RuntimeError: the model cannot be loaded
"""


def by_lines(start: str, text: str = PLAIN) -> str:
    """Put the same before every line, with another number in it each time."""
    lines = enumerate(text.splitlines())
    return "".join(f"{start.replace('#', str(number**3))}{line}\n" for number, line in lines)


def interleaved(text: str) -> str:
    return text.replace("\n", "\ndb-1   | checkpoint starting: time\n")


LAYOUTS = {
    "Python": PLAIN,
    "rich": RICH,
    "rich without a wide terminal": RICH.replace("─", "-").replace("╭", "+").replace("╮", "+"),
    "IPython": IPYTHON,
    "loguru": LOGURU,
    "the head alone has a prefix": PLAIN.replace("Traceback", "ERROR:root:Traceback", 1),
    "a container": by_lines("web-1  | "),
    "a container among others": interleaved(by_lines("web-1  | ")),
    "a pod, with times whose zeros are cut": by_lines("2026-01-01T10:00:00.#Z stderr F "),
    "a journal": by_lines("Nov 29 10:00:01 host gunicorn[#]: "),
    "rich in a container": by_lines("web-1  | ", RICH),
    "IPython in a container": by_lines("web-1  | ", IPYTHON),
    "a group": by_lines("    | "),
    "Windows": PLAIN.replace("\n", "\r\n"),
    "colours": PLAIN.replace("cv2", "\x1b[1;31mcv2\x1b[0m").replace("File", "\x1b[35mFile\x1b[K"),
    "a record with a message": json.dumps({"message": f"failed\n{PLAIN}", "level": "error"}),
    "a record with its exception": json.dumps({"message": "failed", "exc_info": PLAIN}),
    "a record within another": json.dumps({"log": {"error": {"stack_trace": PLAIN}}}),
    "a record for people": json.dumps(
        {"error_code": "BAD_REQUEST", "stack_trace": PLAIN}, indent=2
    ),
    "a record after a time": f"2026-01-01 10:00:00 ERROR {json.dumps({'exception': PLAIN})}",
    "records among lines": f"starting\n{json.dumps({'message': PLAIN})}\nWorker exiting\n",
    "a record of each line": "".join(
        json.dumps({"log": f"{line}\n", "stream": "stderr"}) + "\n" for line in PLAIN.splitlines()
    ),
    "a piece of a record": json.dumps({"a": 1, "trace": PLAIN})[5:-4],
    "what repr gave": repr(PLAIN),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_chain_is_read_whoever_drew_it(layout: str) -> None:
    failure = Failure.of_text(LAYOUTS[layout])
    said = [(raised.type, raised.message.splitlines()[0]) for raised in failure.chain]
    assert said == [
        ("ModuleNotFoundError", "No module named 'cv2'"),
        ("RuntimeError", "the model cannot be loaded"),
    ]
    first, last = failure.chain
    assert (first.frames[-1].place, first.frames[-1].code) == ("/srv/mod.py:2", "import cv2")
    assert last.frames[-1].place == "/srv/mod.py:8"
    assert last.frames[-1].code.startswith("raise RuntimeError(")
    assert failure.missing == ("cv2",)


CHAIN = "\n\nThe above exception was the direct cause of the following exception:\n\n"
PARTS = {
    "of structlog": {
        "event": "failed",
        "exception": [
            {"exc_type": "RuntimeError", "exc_value": "no", "is_cause": False, "frames": []},
            {
                "exc_type": "ModuleNotFoundError",
                "exc_value": "No module named 'cv2'",
                "is_cause": True,
                "frames": [{"filename": "/srv/mod.py", "lineno": 2, "name": "inner"}],
            },
        ],
    },
    "of Sentry": {
        "exception": {
            "values": [
                {
                    "type": "ModuleNotFoundError",
                    "value": "No module named 'cv2'",
                    "stacktrace": {"frames": [{"abs_path": "/srv/mod.py", "lineno": 2}]},
                }
            ]
        }
    },
    "of ECS": {"error": {"type": "ModuleNotFoundError", "message": "No module named 'cv2'"}},
    "of OpenTelemetry": {
        "attributes": {
            "exception.type": "ModuleNotFoundError",
            "exception.message": "No module named 'cv2'",
        }
    },
}
OPENCV = ("missing-module", "opencv-python-headless")

SHORT = {
    "the last line": ("ModuleNotFoundError: No module named 'cv2'", OPENCV),
    "what it says": ("No module named 'cv2'", OPENCV),
    "what Python says of -m": ("/usr/bin/python3: No module named cv2", OPENCV),
    "a line of a log": ("2026-01-01 10:00 ERROR [app] ModuleNotFoundError: No module named 'cv2'",
                        OPENCV),
    "a cause that is quoted": ("RuntimeError: no model: ModuleNotFoundError: No module named 'cv2'",
                               OPENCV),
    "a chain": (f"ModuleNotFoundError: No module named 'cv2'{CHAIN}ValueError: no model", OPENCV),
    "a chain in a container": (by_lines("web-1 | ", f"ImportError: No module named cv2{CHAIN}"
                               "ValueError: no model"), OPENCV),
    "a notebook's head": ("ModuleNotFoundError      Traceback (most recent call last)\n"
                          "<ipython-input-1-c8> in <module>\n----> 1 import cv2\n\n"
                          "ModuleNotFoundError: No module named 'cv2'", OPENCV),
    "pytest": (">       import cv2\nE       ModuleNotFoundError: No module named 'cv2'\n\n"
               "mod.py:2: ModuleNotFoundError\n1 failed in 0.02s", OPENCV),
    "a record": (json.dumps({"error_code": "BAD", "message": "No module named 'cv2'"}), OPENCV),
    "a library": ("libGL.so.1", ("missing-library", "libGL.so.1")),
    "a library's line": ("libGL.so.1: cannot open shared object file: No such file or directory",
                         ("missing-library", "libGL.so.1")),
    "a program's library": ("./run: error while loading shared libraries: libgomp.so.1: cannot open"
                            " shared object file: No such file", ("missing-library",
                                                                  "libgomp.so.1")),
    "a library of macOS": ("libomp.dylib", ("missing-library", "libomp.dylib")),
    "an attribute": ("AttributeError: module 'numpy' has no attribute 'float_'",
                     ("other-version", "numpy")),
    "a file": ("FileNotFoundError: [Errno 2] No such file or directory: 'words.txt'",
               ("missing-file", "words.txt")),
    "an installer": ("ERROR: No matching distribution found for torch==2.1.0+cu118",
                     ("no-such-version", "torch")),
    "one's own": ("ValueError: the basket is empty", ("model-raised", "ValueError")),
    "nothing": ("all is well", ("unknown", "")),
    **{f"parts {who}": (json.dumps(record), OPENCV) for who, record in PARTS.items()},
}  # fmt: skip


@pytest.mark.parametrize("what", SHORT)
def test_a_line_alone_is_diagnosed(what: str) -> None:
    text, expected = SHORT[what]
    found = diagnose(text)
    assert (found.rule, found.subject) == expected, str(found)


@pytest.mark.parametrize(
    "path",
    ["/home/ann/lib/python3.11/site-packages/words/all.txt", "/usr/lib/python3/dist-packages/a/b"],
)
def test_a_path_into_an_environment_is_to_be_asked_for(path: str) -> None:
    found = diagnose(f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'")
    assert (found.rule, found.subject) == ("missing-file", path)
    assert "importlib.resources" in found.remedy
    assert "importlib.resources" not in diagnose("No such file or directory: 'packages/a'").remedy


def test_frames_of_a_record_are_frames() -> None:
    for who in ("of structlog", "of Sentry"):
        (frame,) = Failure.of_text(json.dumps(PARTS[who])).chain[0].frames
        assert frame.place == "/srv/mod.py:2"


def test_a_long_log_without_an_exception_is_no_sentence() -> None:
    assert Failure.of_text("all is well\n" * 30).chain == ()


def test_a_death_goes_before_what_was_merely_logged() -> None:
    failure = Failure.of_text("retry after ConnectionError: refused\nSegmentation fault\n")
    assert (failure.signal, failure.chain) == ("SIGSEGV", ())


def test_what_is_no_json_is_text() -> None:
    for text in ("{", "{}", "x {not: json}", '{"a": "b"} trailing', "[1]"):
        assert Failure.of_text(text).text == text
