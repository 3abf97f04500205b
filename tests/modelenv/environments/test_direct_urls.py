"""The record of where a distribution was installed from holds no secret, and RECORD fits it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from modelenv.base.addresses.masks import Mask
from modelenv.environments.builders.direct_urls import conceal_addresses

SECRET = "s3cr3t-w0rd"


def write(root: Path, url: str) -> Path:
    info = root / "lib/python3.12/site-packages/own-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "direct_url.json").write_text(json.dumps({"url": url, "archive_info": {}}))
    (info / "RECORD").write_text(
        "own.py,sha256=x,1\nown-1.0.dist-info/direct_url.json,sha256=y,2\nown-1.0.dist-info/RECORD,,\n"
    )
    return info


def test_a_secret_goes_and_the_record_fits(tmp_path: Path) -> None:
    info = write(tmp_path, f"https://host/{SECRET}/own-1.0-py3-none-any.whl")
    conceal_addresses(tmp_path, Mask({SECRET: "${WORD}"}))
    kept = (info / "direct_url.json").read_bytes()
    assert json.loads(kept)["url"] == "https://host/${WORD}/own-1.0-py3-none-any.whl"
    digest = base64.urlsafe_b64encode(hashlib.sha256(kept).digest()).rstrip(b"=").decode()
    assert (info / "RECORD").read_text().splitlines() == [
        "own.py,sha256=x,1",
        f"own-1.0.dist-info/direct_url.json,sha256={digest},{len(kept)}",
        "own-1.0.dist-info/RECORD,,",
    ]


def test_what_holds_none_is_left_as_it_is(tmp_path: Path) -> None:
    info = write(tmp_path, "https://host/own-1.0-py3-none-any.whl")
    before = (info / "RECORD").read_bytes()
    conceal_addresses(tmp_path, Mask())
    assert (info / "RECORD").read_bytes() == before
