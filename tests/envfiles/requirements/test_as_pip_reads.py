"""Whole files, generated and collected: what pip reads in them is what is read here."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from envfiles import InvalidFile, RequirementsContent, read_requirements
from envfiles.requirements.lines import iter_lines

from ... import pip_parser
from ...pip_parser import Asked

HASH = "0f" * 32
ENVIRONMENT = {"TOK": "t0ken", "PKG": "numpy", "OPT": "--pre"}

words = st.sampled_from(
    [
        *("numpy", "numpy==1.26.4", "A_b[x,Y.z]", ">=1,<3", "~=1.0", "===weird", "(>=1)", "==1.*"),
        *("; python_version<'3'", ";os_name=='nt'", "; extra == 'x'", ";", "and", "@", " @ "),
        *(
            "https://h/a-1.0-py3-none-any.whl",
            "https://h/a.zip#sha256=00",
            "https://${TOK}@h/a.zip",
        ),
        *("git+https://h/r.git@v1#egg=a", "git+ssh://git@h/r#egg=b&subdirectory=s", "${PKG}==1"),
        *(
            "-e",
            "./proj",
            "-e ./proj",
            "-e git+https://h/r#egg=a",
            "-r",
            "nested.txt",
            "-c nested.txt",
        ),
        *("-r nested.txt", "--requirement=nested.txt", "--constr nested.txt", "-rnested.txt"),
        *(
            "-i https://h/s",
            "--extra https://h/s",
            "--index-url=https://h/s",
            "-f ./links",
            "--pre",
        ),
        *(
            "--no-binary :all:",
            "--only-b a,b",
            "--no-index",
            "--trusted-host h",
            "--prefer-b",
            "${OPT}",
        ),
        *(
            "--require-hashes",
            "--pypi-url https://h",
            "-i",
            "--pre=1",
            "--bogus",
            "--no",
            "--",
            "-",
        ),
        *(f"--hash=sha256:{HASH}", f"--hash sha384:{HASH}", "--hash=sha256:00"),
        "--hash=md5:00",
        *("--config-settings=k=v", "-C k=v", "--config-settings='k=a b'", "--config-settings k"),
        *("# why", " # why", "#why", "'", '"', "\\", "'a b'", "\t", "", "é", "${UNSET}", "a.whl"),
    ]
)
separators = st.sampled_from([" ", " ", " ", "", "  ", " \\\n", "\\\n  ", "\t"])
lines = st.lists(st.tuples(words, separators).map("".join), min_size=1, max_size=4).map("".join)
files = st.lists(
    st.tuples(lines, st.sampled_from(["\n", "\n", "\r\n", "\n\n"])).map("".join), max_size=4
).map("".join)
encodings = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32"])


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    pip_parser.skip_without_pip()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def in_a_folder(data: bytes) -> tuple[pip_parser.Read | None, RequirementsContent | None]:
    """Read bytes as a file that stands beside others, as pip does and as it is done here."""
    before = os.getcwd()  # noqa: PTH109
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("proj").mkdir()
            Path("proj/pyproject.toml").write_text('[project]\nname = "proj"\n')
            Path("links").mkdir()
            Path("nested.txt").write_text("six<2\n")
            Path("r.txt").write_bytes(data)
            theirs = pip_parser.read("r.txt")
            if theirs is not None and not all(map(_is_there, theirs.asked)):
                theirs = None  # it will fail to install what it took for the name of a file
            try:
                return theirs, read_requirements("r.txt", environment=ENVIRONMENT, with_names=True)
            except InvalidFile as error:
                named = all("nothing says which" not in each.reason for each in error.faults)
                return theirs if named else None, None  # pip would build it to learn its name
        finally:
            os.chdir(before)


def _is_there(asked: Asked) -> bool:
    url = urlsplit(asked.url or "")
    if any(each.isspace() for each in asked.url or ""):
        return False
    return url.scheme != "file" or Path(url2pathname(url.path)).exists()


def as_asked(content: RequirementsContent) -> list[Asked]:
    found = []
    for line in (*content.requirements, *content.constraints):
        asked = line.requirement
        assert asked is not None
        found.append(
            Asked(
                name=None if asked.url else asked.name,
                specifier=SpecifierSet() if asked.url else asked.specifier,
                extras=frozenset(map(canonicalize_name, asked.extras)),
                marker=str(asked.marker or ""),
                url=asked.url,
                is_constraint=line.is_constraint,
                editable=line.editable,
                hashes=frozenset(line.hashes),
                settings=frozenset(line.settings),
            )
        )
    return found


def check(data: bytes) -> None:
    """Hold both against each other where pip reads the file: it may be read where pip refuses."""
    theirs, ours = in_a_folder(data)
    if theirs is None:
        return
    assert ours is not None, data
    wanted = [replace(each, name=None if each.url else each.name) for each in theirs.asked]
    found = as_asked(ours)
    assert sorted(found, key=str) == sorted(wanted, key=str), data
    indexes = {each.value for each in ours.options if each.name.endswith("index-url")}
    assert set(theirs.indexes) <= indexes | {pip_parser.DEFAULT_INDEX}


@settings(suppress_health_check=list(HealthCheck))
@given(files, encodings)
def test_what_pip_reads_is_read_and_means_the_same(text: str, encoding: str) -> None:
    check(text.encode(encoding))


@given(files)
def test_lines_are_joined_and_parted_from_their_comments_as_by_pip(text: str) -> None:
    ours = [(line.number, line.text) for line in iter_lines(text)]
    theirs = pip_parser.logical_lines(text)
    for name, value in ENVIRONMENT.items():
        ours = [(number, line.replace(f"${{{name}}}", value)) for number, line in ours]
    assert ours == theirs


COLLECTED = [
    b"# -*- coding: latin-1 -*-\nnumpy  # \xe4\n",
    b"#!x\n# vim: set fileencoding=latin-1 coding=latin-1 :\nnumpy # \xe4\n",
    b"numpy==1 \\\n  --hash=sha256:aa \\\n  # why\n  --hash=sha256:bb\n",
    b"a @ https://h/a.zip#subdirectory=x  # why\n",
    b"https://h/a-1.0-py3-none-any.whl#sha256=00  # why\n",
    b"--extra-index https://h/s # why\n",
    b"a==1;python_version>'3'\nb==1 ;python_version>'3'\nc==1 ; python_version > '3' # why\n",
    b"-e git+https://h/r.git@v1#egg=a&subdirectory=s\n",
    b'-e "a @ git+https://h/r.git"\n',
    b"-r nested.txt\n-c nested.txt\n",
    b"numpy\x0cscipy\x1cpandas\xc2\x85six\n",
    b'numpy==1 --config-settings="--build-option=--x y" -C k=v -C k=w\n',
    b"${PKG}>=1\nhttps://${TOK}@h/b-1.0-py3-none-any.whl\n",
    b"numpy --pre\n--pre scipy\n--hash=sha256:00\n",
]


@pytest.mark.parametrize("data", COLLECTED)
def test_odd_files_that_were_collected_mean_the_same(data: bytes) -> None:
    theirs, ours = in_a_folder(data)
    assert theirs is not None
    assert ours is not None
    wanted = [replace(each, name=None if each.url else each.name) for each in theirs.asked]
    assert sorted(as_asked(ours), key=str) == sorted(wanted, key=str)
