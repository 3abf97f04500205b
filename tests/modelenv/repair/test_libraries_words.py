"""Libraries' messages are read by known facts, not by their phrases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.settings import Settings
from modelenv.base.siblings import resolver
from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules, diagnose
from modelenv.repair.diagnosis import Diagnosis
from modelenv.repair.reading.failure import Failure

Knows = Callable[..., Knowledge]

# The extras that matter here, as the libraries' metadata has them.
OFFERS: dict[str, dict[str, tuple[str, ...]]] = {
    "tifffile": {"codecs": ("imagecodecs>=2025.3.30",)},
    "xarray": {"io": ("netCDF4>=1.6.0", "h5netcdf"), "dev": ("black",)},
    "pandas": {
        "excel": ("openpyxl>=3.1.5", "odfpy>=1.4.1"),
        "hdf5": ("tables>=3.10.1",),
        "output-formatting": ("jinja2>=3.1.5",),
        "sql-other": ("sqlalchemy>=2.0.42",),
        "parquet": ("pyarrow>=13",),
    },
    "transformers": {"sentencepiece": ("sentencepiece>=0.1.91",), "ja": ("rjieba",)},
    "polars": {"calamine": ("fastexcel>=0.9",)},
    "pydantic": {"email": ("email-validator>=2.0.0",)},
    "requests": {"socks": ("PySocks>=1.5.6",)},
    "dask": {"dataframe": ("pandas>=2", "pyarrow>=16")},
}

# By the distribution that raised: what it said, and the rule, the advice, whether it is certain.
SAID = {
    "tifffile": (
        "ValueError: <COMPRESSION.LZW: 5> requires the 'imagecodecs' package",
        ("missing-module", "imagecodecs", True),
    ),
    "xarray": (
        "ValueError: found the following matches with the input file in xarray's IO backends:"
        " ['h5netcdf']. But their dependencies may not be installed, see:\nhttps://docs.x/io.html",
        ("missing-module", "h5netcdf", True),
    ),
    "pandas of Excel": (
        "ImportError: `Import openpyxl` failed.  Use pip, conda, or your preferred package"
        " management tool to install the openpyxl package.",
        ("missing-module", "openpyxl", True),
    ),
    "pandas of HDF5": (
        "ModuleNotFoundError: No module named 'tables'",
        ("missing-module", "tables", True),
    ),
    "pandas of styles": (
        "AttributeError: The '.style' accessor requires jinja2.",
        ("missing-module", "jinja2", False),
    ),
    "pandas of databases": (
        "ImportError: Using a URI string requires 'sqlalchemy' version '2.0.42' or newer.",
        ("missing-module", "sqlalchemy", True),
    ),
    "transformers": (
        "ImportError: \nT5Tokenizer requires the SentencePiece library but it was not found in your"
        " environment. Check out the instructions on the\ninstallation page of its repo",
        ("missing-module", "sentencepiece", True),
    ),
    "polars": (
        "ModuleNotFoundError: required package 'fastexcel' not found.\nPlease install using the"
        " command `pip install fastexcel`.",
        ("missing-module", "fastexcel", True),
    ),
    "pydantic": (
        "ImportError: email-validator is not installed, run `pip install 'pydantic[email]'`",
        ("missing-module", "email-validator", True),
    ),
    "requests": (
        "requests.exceptions.InvalidSchema: Missing dependencies for SOCKS support.",
        ("missing-extra", "requests[socks]", False),
    ),
    "dask": (
        "ImportError: Dask dataframe requirements are not installed.\n\nPlease either conda or pip"
        ' install as follows:\n\n  python -m pip install "dask[dataframe]"',
        ("missing-extra", "dask[dataframe]", True),
    ),
}  # fmt: skip


def raised(said: str, by: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/env/lib/python3.11/site-packages/{by}/core.py", line 7, in f\n    call()\n'
        f"{said}\n"
    )


@pytest.fixture
def knows(site: Any) -> Knows:
    """Return a function that pins and installs a distribution with its extras."""

    def made(name: str) -> Knowledge:
        site.install(name)
        extras = OFFERS[name]
        lines = [f"Provides-Extra: {extra}" for extra in extras]
        lines += [
            f"Requires-Dist: {need}; extra == '{extra}'"
            for extra, needs in extras.items()
            for need in needs
        ]
        (site.root / f"{name}-1.0.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + "\n".join(lines) + "\n"
        )
        installed = resolver.Installed([str(site.root)], resolver.Target.current())
        return Knowledge(pins={name: "1.0"}, installed=installed)

    return made


def asked(found: Diagnosis) -> tuple[str, str, bool]:
    assert found.edit is not None, str(found)
    return found.rule, found.edit.requirement, found.certain


@pytest.mark.parametrize("who", SAID)
def test_what_an_extra_of_a_pin_brings_is_advised_with_the_extra(who: str, knows: Knows) -> None:
    said, expected = SAID[who]
    by = who.partition(" ")[0]
    found = apply_rules(Failure.of_text(raised(said, by)), knows(by))
    assert asked(found) == expected, str(found)
    assert f"{by}[" in str(found)


@pytest.mark.parametrize("who", ["tifffile", "xarray", "transformers", "polars", "pydantic"])
def test_the_line_alone_says_as_much(who: str, knows: Knows) -> None:
    said, expected = SAID[who]
    found = apply_rules(Failure.of_text(said), knows(who))
    assert asked(found)[:2] == expected[:2], str(found)


@pytest.mark.parametrize("who", SAID)
def test_what_an_edit_took_out_comes_back_at_its_version(who: str) -> None:
    said, (rule, name, _) = SAID[who]
    if rule == "missing-extra":
        pytest.skip("it names no distribution")
    by = who.partition(" ")[0]
    known = Knowledge(pins={by: "1.0"}, removed={name: "3.7"}, folder=Path("model"))
    found = apply_rules(Failure.of_text(raised(said, by)), known)
    assert found.edit is not None
    assert found.edit.requirement == f"{name}==3.7"
    assert found.remedy == f"modelenv requirements add -m model {name}==3.7"
    assert f"an edit of the folder took {name} 3.7 out" in found.evidence


@pytest.mark.parametrize("word", ["'imagecodecs'", "imagecodecs"])
def test_what_the_trace_knows_as_optional_is_likely(word: str) -> None:
    said = f"ValueError: this compression is of the package {word}"
    left = Knowledge(pins={"tifffile": "1.0"}, left_out={"imagecodecs": "tifffile.py:4"})
    probe = {"name": "imagecodecs", "loaded": False, "importer_file": "tifffile.py", "line": 4}
    for known in (left, replace(left, left_out={}, imports=(probe,))):
        found = apply_rules(Failure.of_text(raised(said, "tifffile")), known)
        assert found.subject == "imagecodecs", str(found)
        assert found.certain == (word[0] == "'" and not known.imports)


UNNAMED = {
    "a column": "ValueError: could not convert string to float: 'openpyxl'",
    "an attribute": "AttributeError: module 'pandas' has no attribute 'tables'",
    "a name": "ImportError: cannot import name 'tables' from 'own_tables' (/app/own_tables.py)",
    "a key": "KeyError: 'pyarrow'",
    "prose of an error": "ValueError: the tables are empty",
    "what nobody knows": "RuntimeError: grindbin failed: see its package's page",
}


@pytest.mark.parametrize("what", UNNAMED)
def test_a_word_that_happens_to_be_a_name_is_none(what: str, knows: Knows) -> None:
    found = apply_rules(Failure.of_text(raised(UNNAMED[what], "own")), knows("pandas"))
    assert found.edit is None or found.rule == "other-version", str(found)


def test_what_only_developers_of_a_pin_use_is_not_meant(knows: Knows) -> None:
    said = "ImportError: install what paints it 'black' first"
    found = apply_rules(Failure.of_text(raised(said, "xarray")), knows("xarray"))
    assert "xarray[dev]" not in str(found)


def test_the_extras_of_what_is_not_installed_here_are_asked_for(
    project: Any, target: Path, wheels: Any, write_pins: Any
) -> None:
    wheels.add("kiln", "1.0", "fuel>=2; extra == 'hot'\nProvides-Extra: hot")
    wheels.add("kiln", "2.0")
    modelenv.save_model(project.model("return 1"), target, input_example=1, prove=False)
    write_pins(target, ["kiln==1.0"])
    said = "ValueError: firing hot requires the 'fuel' package"
    assert diagnose(said, target).edit is None
    found = diagnose(said, target, index=True)
    assert asked(found) == ("missing-module", "fuel", True)
    assert "kiln offers it with its extra: kiln[hot]" in found.evidence
    assert found.alternatives == ("kiln[hot]",)


# Programs that make the libraries themselves say it, with what has to be there, and what is lacked.
REAL = {
    "tifffile": (
        ("tifffile",),
        "import struct, tifffile\n"
        "tags = [(256,3,1), (257,3,1), (258,3,8), (259,3,5), (262,3,1), (273,4,8), (277,3,1),"
        " (278,3,1), (279,4,4)]\n"
        "body = b''.join(struct.pack('<HHII', tag, kind, 1, value) for tag, kind, value in tags)\n"
        "head = b'II*\\0' + struct.pack('<I', 12) + b'\\x80\\0\\1\\1' + struct.pack('<H', 9)\n"
        "open('a.tif', 'wb').write(head + body + bytes(4))\n"
        "tifffile.imread('a.tif')",
        "imagecodecs",
    ),
    "xarray": (
        ("xarray",),
        "import xarray\nopen('a.nc', 'wb').write(b'\\x89HDF\\r\\n\\x1a\\n' + bytes(8))\n"
        "xarray.open_dataset('a.nc')",
        "netcdf4",
    ),
    "pandas of Excel": (
        ("pandas",),
        "import pandas\npandas.DataFrame({'a': [1]}).to_excel('a.xlsx', engine='openpyxl')",
        "openpyxl",
    ),
    "pandas of styles": (
        ("pandas",), "import pandas\npandas.DataFrame({'a': [1]}).style", "jinja2",
    ),
    "pandas of HDF5": (
        ("pandas",), "import pandas\npandas.DataFrame({'a': [1]}).to_hdf('a.h5', key='a')",
        "tables",
    ),
    "transformers": (
        ("transformers",),
        "from transformers import BertGenerationTokenizer as T\nT('a')",
        "sentencepiece",
    ),
    "polars": (
        ("polars",), "import polars\nopen('a.xlsx', 'w').write('a')\npolars.read_excel('a.xlsx')",
        "fastexcel",
    ),
    "pydantic": (
        ("pydantic",), "import pydantic\npydantic.create_model('A', a=(pydantic.EmailStr, ...))",
        "email-validator",
    ),
    "fsspec": (("fsspec",), "import fsspec\nfsspec.filesystem('s3')", "s3fs"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("who", REAL)
def test_the_libraries_themselves_are_understood(who: str, tmp_path: Path) -> None:
    uv = Settings.from_environment().uv
    if uv is None:
        pytest.skip("uv is not here")
    roots, code, lacked = REAL[who]
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, tmp_path / "venv"], check=True)
    subprocess.run([uv, "pip", "install", "-q", "-p", python, *roots], check=True)
    ended = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ended.returncode != 0
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    installed = resolver.Installed([str(site)], resolver.Target.current())
    pins = {each.name: str(each.version) for each in installed}
    found = apply_rules(Failure.of_text(ended.stderr), Knowledge(pins=pins, installed=installed))
    assert found.edit is not None, ended.stderr
    assert found.edit.requirement == lacked, str(found)
    assert found.certain or who == "pandas of styles"


@pytest.mark.slow
def test_a_real_sentence_without_its_folder_is_a_guess_or_nothing() -> None:
    said = "ValueError: <COMPRESSION.LZW: 5> requires the 'imagecodecs' package"
    found = diagnose(said)
    assert not found.certain or found.edit is None
