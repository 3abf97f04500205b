"""Files of the author's machine that a model used and that no system package brings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...base.text import few
from ...folder.model_folder import ModelFolder

_PYTHON_S = re.compile(r"/(site|dist)-packages/|/lib(64)?/(python|pypy)\d|/bin/python[^/]*$")
_LOCAL = "/usr/local/"
_FEW = 5


def iter_local(folder: ModelFolder) -> Iterator[str]:
    """Yield a sentence on uses of /usr/local, which a proof sees and an image does not have.

    Files elsewhere are hidden from a proof as well, or allowed by name. Raises BadFolderError.
    """
    touches = folder.trace.touches if folder.is_traced else ()
    used = sorted(
        {
            each["name"]
            for each in touches
            if each["kind"] in ("file", "library", "program")
            and each["name"].startswith(_LOCAL)
            and not _PYTHON_S.search(each["name"])
        }
    )
    if used:
        yield (
            f"{few(used, _FEW)}: used where the model was saved, and of no Debian package; the base"
            " image (--base) has to provide what the model cannot do without"
        )
