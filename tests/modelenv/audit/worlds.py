"""Advisories in files, a program in the place of pip-audit, and wheels with bills in them."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...small_worlds import write_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping


def advisory(*affected: Any, name: str = "numpy", **further: Any) -> dict[str, Any]:
    """Return an advisory with ranges or members of `affected`, all of one distribution."""
    package = {"ecosystem": further.pop("ecosystem", "PyPI"), "name": name}
    members = [{"package": package, **each} for each in affected]
    return {"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "affected": members, **further}


def events(*pairs: tuple[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    """Return a range with some events."""
    return {"ranges": [{"type": kind, "events": [{key: value} for key, value in pairs]}]}


def below(version: str) -> dict[str, Any]:
    """Return the range of all versions below one."""
    return events(("introduced", "0"), ("fixed", version))


def put(folder: Path, *documents: Mapping[str, Any]) -> Path:
    """Write advisories into a folder, a file each."""
    folder.mkdir(exist_ok=True)
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    return folder


PROGRAM = """\
#!{python}
# It says what the real program says (pip-audit 2.10), and notes what it was asked.
import json, sys
words = sys.argv[1:]
asked = open(words[words.index("--requirement") + 1]).read().split()
with open({log!r}, "a") as log:
    log.write(json.dumps([words, asked]) + "\\n")
if {fails!r}:
    print("requests.exceptions.ConnectionError: no network", file=sys.stderr)
    sys.exit(1)
listed = [dict(zip(("name", "version"), line.split("=="))) for line in asked]
vulns = [{{"id": "CVE-1", "fix_versions": ["1.19.9", "1.22.0"], "aliases": ["GHSA-1"],
           "description": "bad"}}]
for each in listed:
    if each["name"] in {unknown!r}:
        why = "Dependency not found on PyPI and could not be audited"
        each["skip_reason"] = "%s: %s (%s)" % (why, each["name"], each["version"])
        del each["version"]
    else:
        each["vulns"] = vulns if each["version"] == "1.21.0" else []
found = any(each.get("vulns") for each in listed)
with open(words[words.index("--output") + 1], "w") as answer:
    json.dump({{"dependencies": listed, "fixes": []}}, answer)
sys.exit(1 if found else 0)
"""


def write_program(folder: Path, *, fails: bool = False, unknown: tuple[str, ...] = ()) -> Path:
    """Write a program in the place of pip-audit into a folder; return its log."""
    file, log = folder / "pip-audit", folder / "asked"
    folder.mkdir()
    said = {"python": sys.executable, "log": str(log), "fails": fails, "unknown": unknown}
    file.write_text(PROGRAM.format(**said))
    file.chmod(0o755)
    return log


def install_with_bills(
    site: Path, name: str, version: str, bills: Mapping[str, Any], files: Mapping[str, str]
) -> None:
    """Install a distribution whose wheel carries bills (PEP 770)."""
    info = f"{name}-{version}.dist-info/sboms"
    texts = {f"{info}/{file}": json.dumps(bill) for file, bill in bills.items()}
    wheel = write_wheel(site.parent / "made", name, version, modules={**texts, **files})
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


def bill(*components: Mapping[str, Any], **further: Any) -> dict[str, Any]:
    """Return a bill as it lies in a wheel."""
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components, **further}


def component(purl: str, **further: Any) -> dict[str, Any]:
    """Return a component that has a purl, as bills list it."""
    name, _, version = purl.rpartition("/")[2].partition("?")[0].partition("@")
    return {"type": "library", "name": name, "version": version, "purl": purl, **further}
