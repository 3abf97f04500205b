"""The page on packs tells all that there is."""

from __future__ import annotations

import re
from pathlib import Path

from modelenv.cli.deploy.pack import pack
from modelenv.environments.given.pack_file import MANIFEST

PAGE = (Path(__file__).parents[4] / "docs" / "packs.md").read_text("utf-8")
OF_ALL = {"--model", "--index-url", "--extra-index-url", "--index-strategy", "--allow-variable"}
OF_ALL |= {"--progress", "--json", "--verify", "--quiet", "--verbose"}


def test_every_option_stands_on_the_page() -> None:
    told = set(re.findall(r"`(--[\w-]+)", PAGE))
    options = {word for each in pack.params for word in each.opts if word.startswith("--")}
    assert options - OF_ALL <= told
    assert MANIFEST in PAGE
