"""The page is one file that asks for nothing, and no text of a folder becomes a part of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.report.page import render_page

pytest.importorskip("jinja2")

HOSTILE = "</script><img src=x onerror=alert(1)>\"'`\u202e"


class Elements(HTMLParser):
    """The elements of a page, its attributes, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.texts:
            self.texts[self._open].append(data)


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return render_page(modelenv.report_model(folder))


@pytest.fixture
def hostile(folder: Path, tmp_path: Path) -> Path:
    """A folder whose every text is markup where it is taken for that."""
    if sys.platform == "win32":
        pytest.skip("names of files hold no such characters there")
    place = tmp_path / "<b>churn"
    shutil.copytree(folder, place)
    document = yaml.safe_load((place / "MLmodel").read_text())
    ours = document["flavors"]["modelenv"]
    ours["left_out"] = {HOSTILE: HOSTILE}
    ours["version"] = ours["proof"]["reason"] = ours["proof"]["where"] = HOSTILE
    ours["proof"]["left_open"] = HOSTILE
    ours["allow_hosts"] = ours["revived"] = [HOSTILE]
    ours["system"] = {"release": HOSTILE, "packages": [{"what": HOSTILE, "files": [HOSTILE]}]}
    document["flavors"][HOSTILE] = {"version": HOSTILE}
    document["utc_time_created"] = HOSTILE
    document["signature"] = {"inputs": json.dumps([{"name": HOSTILE, "type": HOSTILE}])}
    (place / "MLmodel").write_text(yaml.safe_dump(document))
    (place / "<img src=x>").write_text("")
    for name in ("requirements.txt", "conda.yaml"):
        text = (place / name).read_text()
        text = re.sub(r"(own-base==1\.2\.3).*", lambda found: f"{found[1]}  # {HOSTILE}", text)
        (place / name).write_text(text, "utf-8")
    trace = json.loads((place / "trace.json").read_text())
    trace["notes"] = [HOSTILE]
    trace["touches"] += [
        {"kind": kind, "name": HOSTILE, "phase": HOSTILE, "importer": HOSTILE, "line": 1}
        for kind in ("file", "library", "program", "host", "metadata")
    ]
    (place / "trace.json").write_text(json.dumps(trace))
    return place


def test_the_page_asks_for_nothing(page: str) -> None:
    leading = [
        (tag, name, value)
        for tag, name, value in Elements(page).attributes
        if name in ("src", "href", "srcset", "action", "data", "poster", "style")
        or name.startswith("on")
    ]
    assert ("link", "href", "data:,") in leading
    assert {value[0] for tag, _, value in leading if tag != "link"} == {"#"}
    assert "@import" not in page
    assert "url(" not in page


def test_its_policy_admits_its_own_script_and_style_alone(page: str) -> None:
    found = Elements(page)
    (policy,) = [value for _, name, value in found.attributes if "default-src" in value]
    style, (data, script) = found.texts["style"][0], found.texts["script"]
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert json.loads(data)["nodes"][0]["name"] == "the model"


def test_no_text_of_a_folder_becomes_markup(hostile: Path, page: str) -> None:
    text = render_page(modelenv.report_model(hostile))
    plain, found = Elements(page), Elements(text)
    assert found.names["script"] == plain.names["script"] == 2
    assert found.names["img"] == found.names["b"] == 0
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]
    assert found.texts["script"][1] == plain.texts["script"][1]
    assert "\u202e" not in text
    named = [each["name"] for each in json.loads(found.texts["script"][0])["nodes"]]
    assert HOSTILE.replace("\u202e", "\\u202e") in named
    # Each of them is there, as text.
    assert text.count("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;") > 15
    assert "&lt;b&gt;churn" in text


def test_a_model_for_one_python_alone_is_told_as_one(page: str, tmp_path: Path) -> None:
    modelenv.save_model(lambda data: data, tmp_path / "m", input_example=1, prove=False)
    told = render_page(modelenv.report_model(tmp_path / "m"))
    assert "For one Python alone" in told
    assert f"only Python {sys.version_info[0]}.{sys.version_info[1]} runs" in told
    assert "For one Python alone" not in page


def test_every_label_and_link_leads_to_what_is_there(page: str) -> None:
    attributes = Elements(page).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len({*ids})
    links = {value[1:] for _, name, value in attributes if name == "href" and value[0] == "#"}
    labels = {value for _, name, value in attributes if name in ("aria-labelledby", "list")}
    assert links | labels <= {*ids}


def test_without_jinja_the_way_out_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(modelenv.ModelenvError, match=r"pip install 'modelenv\[report\]'"):
        modelenv.report_model(folder, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
    assert modelenv.report_model(folder).distributions
