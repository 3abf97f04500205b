"""Let the installed num2words say "negative" where it said "minus"."""

from __future__ import annotations

import sysconfig
from pathlib import Path

file = Path(sysconfig.get_path("purelib"), "num2words", "lang_EN.py")
source = file.read_text("utf-8")
edited = source.replace('"minus "', '"negative "')
assert edited != source
file.write_text(edited, "utf-8")
