"""The formats of streamed files, with their suffixes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ...base.errors import WrongUseError

INPUTS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl",
    ".ndjson.gz": "jsonl",
    ".npy": "npy",
}
OUTPUTS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".arrows": "arrows",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npy": "npy",
}


def kind_of(file: Path, kinds: dict[str, str]) -> str | None:
    """Return the format of a file from its suffix, in any case; None if unknown."""
    name = file.name.lower()
    found = [end for end in kinds if name.endswith(end)]
    return kinds[max(found, key=len)] if found else None


def is_table(output: Path) -> bool:
    """Return whether an output is always written part by part; CSV for one input is not."""
    return kind_of(output, OUTPUTS) not in (None, "csv")


def output_kind(file: Path) -> str:
    """Return the format of an output. Raises WrongUseError."""
    kind = kind_of(file, OUTPUTS)
    if kind is None:
        raise WrongUseError(f"the output {file}: its name may end in {', '.join(OUTPUTS)}")
    return kind


def check_libraries(kind: str, output: str) -> None:
    """Raise WrongUseError if a library that the formats need is missing."""
    needed = ["pyarrow", *(["numpy"] if "npy" in (kind, output) else [])]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise WrongUseError(
            f"predicting part by part needs {' and '.join(missing)}, which {_be(missing)} not"
            " installed here: pip install 'modelenv[batch]' (the model's own environment needs"
            " none of it)"
        )


def _be(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
