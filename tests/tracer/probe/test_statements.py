"""The import statements of compiled code are the same names on every Python."""

from __future__ import annotations

import dis
import json
import subprocess
from operator import itemgetter
from pathlib import Path
from time import process_time
from types import CodeType
from typing import Any

import pytest

from tracer import probe_folder
from tracer.probe.statements import STATEMENTS

MANY = ["import n0", *(f"import p{number}.q as r{number}" for number in range(300))]
SOURCES = {
    "plain": ("import os\nimport json.decoder\n", ["os", "json.decoder"]),
    "out of": ("from a import b, c as d\nfrom . import e\nfrom ..f.g import *\n", ["a", "", "f.g"]),
    "renamed": ("import a.b.c as d\nfrom x import (\n    y,\n    z,\n)\n", ["a.b.c", "x"]),
    "many": ("\n".join(MANY), ["n0", *(f"p{number}.q" for number in range(300))]),
    "between": (
        "\n".join(f"v{number} = o.a{number}" for number in range(400)) + "\nimport late\n",
        ["late"],
    ),
    "branches": (
        "try:\n    import a\nexcept ImportError:\n    import b\nfor i in x:\n    import c\n",
        ["a", "b", "c"],
    ),
    "none": ("x = 1\nprint(x)\n", []),
}
DRIVER = """
import dis, json, sys
package = type(sys)("_probe")
package.__path__ = [sys.argv[1]]
sys.modules["_probe"] = package
before = set(sys.modules)
from _probe.statements import STATEMENTS
brought = sorted(set(sys.modules) - before)
kind = type(compile("", "", "exec"))

def inside(source):
    body = "def f():\\n" + "".join("    %s\\n" % line for line in source.splitlines())
    body = body.replace("import *", "import star")
    return next(each for each in compile(body, "f", "exec").co_consts if type(each) is kind)

found = {"brought": brought}
for name, source in json.loads(sys.stdin.read()).items():
    codes = compile(source, "m", "exec"), inside(source)
    found[name] = [[list(each) for each in STATEMENTS.named(code)] for code in codes]
print(json.dumps(found))
"""


def found_by(python: Path) -> dict[str, list[list[list[Any]]]]:
    done = subprocess.run(
        [str(python), "-c", DRIVER, str(probe_folder())],
        input=json.dumps({name: source for name, (source, _) in SOURCES.items()}),
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, list[list[list[Any]]]] = json.loads(done.stdout)
    return found


def test_every_python_finds_the_same_names_and_lines(python: Path) -> None:
    found = found_by(python)
    assert set(found.pop("brought")) <= {"_probe.statements", "__future__"}  # no `dis`
    for name, (source, names) in SOURCES.items():
        # What handles an error stands at the end of the code.
        of_module, of_function = (sorted(each, key=itemgetter(1)) for each in found[name])
        assert [each[0] for each in of_module] == names
        assert [each[0] for each in of_function] == names
        lines = [n for n, line in enumerate(source.splitlines(), 1) if "import " in line]
        assert [each[1] for each in of_module] == lines
        assert [each[1] for each in of_function] == [line + 1 for line in lines]


def test_what_is_taken_out_of_a_module_is_named(python: Path) -> None:
    found = found_by(python)
    assert [each[2] for each in found["out of"][1]] == [["b", "c"], ["e"], ["star"]]
    assert found["renamed"][0][1][2] == ["y", "z"]


def test_many_statements_take_as_long_each_as_few() -> None:
    took = []
    for count in (3_000, 30_000):
        body = "".join(f"    import n{number}\n" for number in range(count))
        constants = compile("def f():\n" + body, "m", "exec").co_consts
        (code,) = (each for each in constants if isinstance(each, CodeType))
        began = process_time()
        found = STATEMENTS.named(code)
        took.append(process_time() - began)
        assert [each[1] for each in found] == list(range(2, count + 2))
    assert took[1] < 40 * took[0]  # of the ten times it is a hundred where it grows by the square


@pytest.mark.parametrize("module", ["a", "x.a", "x.f.g", "a.b.c", "n7", "absent"])
def test_those_that_may_name_a_module_come_in_their_order(module: str) -> None:
    for source, _ in [*SOURCES.values(), ("import a\nfrom . import b\nimport a\n", [])]:
        code = compile(source, "m", "exec")
        for _ in range(2):  # the second time it is remembered
            assert STATEMENTS.naming(code, module) == [
                each
                for each in STATEMENTS.named(code)
                if each[0] in (module, "") or module.endswith(f".{each[0]}")
            ]


@pytest.mark.parametrize("name", SOURCES)
def test_this_pythons_own_disassembler_agrees(name: str) -> None:
    code = compile(SOURCES[name][0], "m", "exec")
    told = [each.argval for each in dis.get_instructions(code) if each.opname == "IMPORT_NAME"]
    assert [each[0] for each in STATEMENTS.named(code)] == told


def test_code_within_code_is_not_looked_into() -> None:
    code = compile("import a\ndef f():\n    import b\n", "m", "exec")
    (inner,) = (each for each in code.co_consts if isinstance(each, CodeType))
    assert [each[0] for each in STATEMENTS.named(code)] == ["a"]
    assert [each[0] for each in STATEMENTS.named(inner)] == ["b"]
