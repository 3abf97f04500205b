"""A page that lists the routes with commands to copy; it loads nothing else."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ..exchange import JSON, HttpExchange
from ..served import HttpSettings, ServedModels
from .openapi import document

_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")
_HEADERS = (
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
)
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#f4f4f4;padding:.7rem;overflow:auto;border-radius:4px}"
    "summary{cursor:pointer;padding:.2rem 0}code{font-size:13px}.m{font-weight:600}"
    "@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}pre{background:#262626}}"
)


async def answer(exchange: HttpExchange, models: ServedModels, settings: HttpSettings) -> None:
    """Answer with the page."""
    page = render(document(models, settings), _base(exchange))
    await exchange.answer(page.encode("utf-8"), "text/html; charset=utf-8", headers=_HEADERS)


def render(told: Mapping[str, Any], base: str) -> str:
    """Return the HTML page for an OpenAPI document and the server's address `base`."""
    title = escape(told["info"]["title"])
    errors = told["components"]["responses"]
    routes = "\n".join(
        _operation(path, method.upper(), operation, base, errors)
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>{title}</h1>"
        f"<p>Release {escape(told['info']['version'])}. {escape(told['info']['description'])}"
        ' The same as <a href="openapi.json">OpenAPI</a>.</p>\n'
        f"{routes}</html>\n"
    )


def _operation(
    path: str,
    method: str,
    operation: Mapping[str, Any],
    base: str,
    errors: Mapping[str, Mapping[str, str]],
) -> str:
    lines = "\n\n".join(_lines(path, method, operation, base))
    answers = "".join(
        f"<li>{escape(status)}: {escape(_said(response, errors))}</li>"
        for status, response in operation["responses"].items()
    )
    return (
        f'<details><summary><span class="m">{method}</span> <code>{escape(path)}</code>'
        f" {escape(operation['summary'])}</summary><pre>{escape(lines)}</pre>"
        f"<ul>{answers}</ul></details>"
    )


def _said(response: Mapping[str, str], errors: Mapping[str, Mapping[str, str]]) -> str:
    reference = response.get("$ref")
    told = response if reference is None else errors[reference.rpartition("/")[2]]
    return told["description"]


def _lines(path: str, method: str, operation: Mapping[str, Any], base: str) -> Iterator[str]:
    """Yield one command per example of a body, or one without a body."""
    address = shlex.quote(f"{base}{path}")
    if method == "GET":
        yield f"curl -sS {address}"
        return
    bodies = list(_bodies(operation.get("requestBody", {}).get("content", {})))
    for media, body in bodies:
        data = f"-H {shlex.quote(f'Content-Type: {media}')} --data-binary {shlex.quote(body)}"
        yield f"curl -sS {address} {data}"
    if not bodies:
        yield f"curl -sS -X {method} {address}"


def _bodies(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for media, told in content.items():
        examples = [each["value"] for each in told.get("examples", {}).values()]
        examples += [told["example"]] if "example" in told else []
        for each in examples:
            yield media, json.dumps(each) if media == JSON else str(each)


def _base(exchange: HttpExchange) -> str:
    """Return the address at which the client reached this server."""
    host = exchange.header("host")
    if not _HOST.fullmatch(host):
        name, port = exchange.scope.get("server") or ("127.0.0.1", 5000)
        host = f"{name}:{port}"
    root = str(exchange.scope.get("root_path", ""))
    return f"{exchange.scope.get('scheme', 'http')}://{host}{root}"
