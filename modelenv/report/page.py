"""Render the page as one file that holds its style, script and data and makes no request.

A folder's content is untrusted: Jinja escapes every text of it, the script gets its data as JSON
and never turns it into markup, and the page's content security policy allows this script alone.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..base import VERSION
from ..base.text import in_bytes, visible
from ..seal.seals import WORDS
from .errors import TemplatesMissingError
from .model_report import ModelReport
from .remarks import iter_remarks

FOLDER = Path(__file__).parent / "assets"
_SCRIPTS = ("page.js", "tables.js", "layout.js", "graph.js", "icicle.js")
_STATUS = {
    "reproduces": ("good", "Proven"),
    "runs": ("good", "Runs"),
    "unproven": ("fair", "Not proven"),
}
# Characters that could begin or end an HTML element inside a JSON string.
_IN_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def render_page(report: ModelReport) -> str:
    """Return the HTML page of a report. Raises TemplatesMissingError."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise TemplatesMissingError from error

    def shown(value: object) -> object:
        return value if hasattr(value, "__html__") else visible(str(value))

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"bytes": in_bytes, "ms": _milliseconds}
    style = _read(["style.css"])
    script = _read(_SCRIPTS)
    text = environment.get_template("page.html").render(
        report=report,
        inspection=report.inspection,
        mlmodel=report.inspection.mlmodel,
        verdict=_verdict(report),
        proof=_proof(report),
        remarks=[each for each in iter_remarks(report) if each.items],
        probes=_probes(report),
        version=VERSION,
        style=style,
        script=script,
        policy=_policy(style, script),
        data=_as_json(_data(report)),
    )
    return f"{text}\n"


def _read(names: Iterable[str]) -> str:
    return "\n".join((FOLDER / name).read_text("utf-8").strip() for name in names)


def _policy(style: str, script: str) -> str:
    """Return the content security policy: it allows this style and script and no request."""
    hashes = (b64encode(sha256(text.encode()).digest()).decode() for text in (style, script))
    style_hash, script_hash = (f"'sha256-{each}'" for each in hashes)
    return (
        f"default-src 'none'; style-src {style_hash}; script-src {script_hash}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _as_json(value: object) -> str:
    r"""Return JSON that cannot end an HTML element and that escapes invisible characters.

    >>> print(_as_json({"</script>": ["a\u202eb"]}))
    {"\u003c/script\u003e":["a\\u202eb"]}
    """
    text = json.dumps(_visible(value), separators=(",", ":"), ensure_ascii=False)
    return text.translate(_IN_JSON)


def _visible(value: Any) -> Any:
    match value:
        case str():
            return visible(value)
        case list() | tuple():
            return [_visible(each) for each in value]
        case dict():
            return {visible(key): _visible(each) for key, each in value.items()}
        case _:
            return value


def _data(report: ModelReport) -> Mapping[str, Any]:
    """Return the data for the script: the graph, with nodes as indexes, and the import tree."""
    rows = {each.name: each for each in report.distributions}
    sizes = {each.name: each.size for each in report.distributions}
    sizes |= {each.name: each.size for each in report.left_out}
    took = report.imports.by_owner()
    place = {each.name: number for number, each in enumerate(report.needs.nodes)}
    return {
        "nodes": [
            {
                "name": each.name,
                "kind": each.kind,
                "version": rows[each.name].version if each.name in rows else "",
                "because": rows[each.name].because if each.name in rows else "",
                "size": sizes.get(each.name),
                "seconds": took[each.name][0] if each.name in took else None,
            }
            for each in report.needs.nodes
        ],
        "needs": [
            [
                place[each.parent],
                place[each.child],
                [[reason.kind, reason.label] for reason in each.reasons],
                each.more,
            ]
            for each in report.needs.needs
        ],
        "imports": report.imports.to_json(),
    }


def _verdict(report: ModelReport) -> tuple[str, str, str]:
    """Return the proof's grade (a CSS class), its headline, and the rest of the sentence."""
    model = report.inspection.mlmodel
    if model is None:
        return "fair", "Not for Python", "it has no flavor that Python can load"
    if model.written_by_mlflow:
        return "fair", "Not proven", "MLflow wrote the folder, and its pins have not been proven"
    kind, word = _STATUS.get(model.proof["status"], ("poor", model.proof["status"]))
    return kind, word, model.proof.get("reason", "the pins have not been proven to be enough")


def _proof(report: ModelReport) -> Mapping[str, str]:
    """Return the facts about the proof, each under its label."""
    model = report.inspection.mlmodel
    said = {} if model is None or model.written_by_mlflow else model.proof
    seal = said.get("seal", "")
    return {
        "Where": said.get("where", ""),
        "Seal": WORDS.get(seal, seal),
    }


def _probes(report: ModelReport) -> Mapping[str, list[tuple[str, list[str]]]]:
    """Return each thing that was left out, with the lines that tried to import it."""
    return {
        row.name: [
            (need.parent, [each.label for each in need.reasons])
            for need in report.needs.needing(row.name)
        ]
        for row in report.left_out
    }


def _milliseconds(seconds: float) -> str:
    """Return a time in milliseconds, rounded for reading.

    >>> _milliseconds(1.23456), _milliseconds(0.0004)
    ('1,235', '0.4')
    """
    number = seconds * 1000
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"
