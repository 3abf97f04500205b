"""In a notebook: values as HTML, the magic, in a real kernel of Jupyter's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from packaging.version import Version

import modelenv
from modelenv.base.telling.notebook import as_html
from resolver import Pin, Resolution
from tracer import ImportRecord, Touch, Trace

ROOT = Path(__file__).parent.parent.parent
HOSTILE = '<script>alert(1)</script> & "quoted"'


class Balanced(HTMLParser):
    """Hold that every element that is opened is closed, and keep the elements and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize(
    "html",
    [
        as_html(f"{HOSTILE}\npins:\n  {HOSTILE}  {HOSTILE}\n{HOSTILE}: {HOSTILE}", good=False),
        Trace.of(
            [ImportRecord(0, HOSTILE, None, None, HOSTILE, 3, True, "", "imported")],
            [HOSTILE],
            [Touch("file", HOSTILE, "", HOSTILE, HOSTILE, 7)],
        )._repr_html_(),
        Resolution((Pin("a", Version("1"), via=(HOSTILE,)),), notes=(HOSTILE,))._repr_html_(),
    ],
)
def test_what_a_value_holds_is_text(html: str) -> None:
    page = parsed(html)
    assert "script" not in page.seen
    assert HOSTILE in page.text


def test_a_report_has_its_pins_in_rows_and_its_facts_in_a_list(tmp_path: Path) -> None:
    account = modelenv.save_model(len, tmp_path / "m", input_example="four")
    page = parsed(account._repr_html_())
    assert "the prediction equals the recorded one" in page.text
    assert parsed(modelenv.inspect_model(tmp_path / "m")._repr_html_()).text
    assert account.verdict is not None
    green, red = (as_html("said", good=good) for good in (True, False))
    assert green.partition("●")[0] in account.verdict._repr_html_()
    assert red.partition("●")[0] not in account.verdict._repr_html_()
    many = as_html("\n".join(["head", *(f"fact {number}: told" for number in range(9))]))
    assert parsed(many).seen >= {"details", "summary", "li"}
    assert "9 facts more" in parsed(many).text


CELLS = (
    "%load_ext tracer\nimport modelenv",
    "%%trace seen\nimport idna\nvalue = 3",
    "[record.name for record in seen.why('idna.core')][-1], value",
    "account = modelenv.save_model(len, 'm', input_example='four', report=print)\naccount",
    "modelenv.verify('m')",
    "%%trace\n1 / 0",
    "'ultratb' in str(traced.files), traced.modules",
    "def doubled(x):\n    return 2 * x\n"
    "class Model:\n    def predict(self, data):\n        return doubled(data)\n"
    "modelenv.save_model(Model(), 'own', input_example=3).pins",
    "%%trace one two\n1",
    "modelenv.verify('absent')",
)
RUN = """
import json, sys
import nbclient
from nbformat.v4 import new_code_cell, new_notebook

book = new_notebook(cells=[new_code_cell(each) for each in json.loads(sys.argv[1])])
nbclient.NotebookClient(book, allow_errors=True, kernel_name="python3", timeout=300).execute()
print(json.dumps([cell.outputs for cell in book.cells]))
"""


@pytest.mark.slow
def test_in_a_kernel_of_jupyter(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    packages = ["nbclient==0.11.0", "ipykernel==7.4.0", "idna", str(ROOT)]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    command = [str(python), "-c", RUN, json.dumps(CELLS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    outputs = json.loads(done.stdout)
    assert outputs[0] == []
    (shown,) = outputs[1]
    assert shown["data"]["text/plain"].startswith("<Trace of ")
    assert "idna" in parsed(shown["data"]["text/html"]).text
    assert outputs[2][0]["data"]["text/plain"] == "('idna.core', 3)"
    told = "".join(each["text"] for each in outputs[3] if each["output_type"] == "stream")
    assert "writing the folder" in told
    assert "equals the recorded one" in parsed(outputs[3][-1]["data"]["text/html"]).text
    assert "equals the recorded one" in parsed(outputs[4][0]["data"]["text/html"]).text
    error, trace = outputs[5]
    assert error["ename"] == "ZeroDivisionError"
    assert "text/html" in trace["data"]
    assert outputs[6][0]["data"]["text/plain"] == "(False, ())"
    (pinned,) = outputs[7]
    assert re.fullmatch(r"\('cloudpickle==[\d.]+',\)", pinned["data"]["text/plain"])
    assert "%%trace NAME" in outputs[8][0]["text"]
    told = "\n".join(outputs[9][0]["traceback"])
    assert "modelenv.verify('absent')" in told
    assert "there is no such folder [ME0201]" in told
    assert "doors.py" not in told
