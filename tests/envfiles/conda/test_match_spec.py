from __future__ import annotations

import pytest
import yaml

from envfiles import Entry, EnvSpec
from envfiles.conda.match_spec import MatchSpec, parse_match_spec
from envfiles.errors import InvalidEntry
from envfiles.formats.conda_yaml import write_conda

SPECS = {
    "numpy": MatchSpec("numpy"),
    "NumPy": MatchSpec("numpy"),
    "_libgcc_mutex=0.1=conda_forge": MatchSpec("_libgcc_mutex", "=0.1", "conda_forge"),
    "numpy=1.26": MatchSpec("numpy", "=1.26"),
    "numpy==1.26.4": MatchSpec("numpy", "==1.26.4"),
    "numpy 1.26.4": MatchSpec("numpy", "1.26.4"),
    "numpy 1.26.* py311_0": MatchSpec("numpy", "1.26.*", "py311_0"),
    "numpy=1.26.4=py311_0": MatchSpec("numpy", "=1.26.4", "py311_0"),
    "numpy==1.26.4=py311_0": MatchSpec("numpy", "==1.26.4", "py311_0"),
    "numpy>=1.8,<2": MatchSpec("numpy", ">=1.8,<2"),
    "numpy >=1.8, <2": MatchSpec("numpy", ">=1.8,<2"),
    "numpy >= 1.8,<2|1.9.1": MatchSpec("numpy", ">=1.8,<2|1.9.1"),
    "numpy!=1.8": MatchSpec("numpy", "!=1.8"),
    "numpy~=1.8": MatchSpec("numpy", "~=1.8"),
    "conda-forge::numpy=1.26": MatchSpec("numpy", "=1.26", channel="conda-forge"),
    "pkgs/main::numpy": MatchSpec("numpy", channel="pkgs/main"),
    "conda-forge/linux-64::numpy": MatchSpec("numpy", channel="conda-forge", subdir="linux-64"),
    "https://host/chan::numpy": MatchSpec("numpy", channel="https://host/chan"),
    "numpy[version='>=1.8,<2', build=py311_0]": MatchSpec("numpy", ">=1.8,<2", "py311_0"),
    'numpy[channel="x/noarch"]': MatchSpec("numpy", channel="x", subdir="noarch"),
    "https://host/chan/linux-64/numpy-1.26.4-py311_0.conda": MatchSpec(
        "numpy", "==1.26.4", "py311_0", "https://host/chan", "linux-64"
    ),
}


@pytest.mark.parametrize("text", SPECS)
def test_every_form_of_a_match_spec_is_read(text: str) -> None:
    assert parse_match_spec(text) == SPECS[text]


@pytest.mark.parametrize("text", ["", "=1", "::numpy", "-x", "a b[c", "numpy[version]", "[x=1]"])
def test_what_names_no_package_is_refused(text: str) -> None:
    with pytest.raises(InvalidEntry):
        parse_match_spec(text)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("python=3.11.7", "3.11.7"),
        ("python 3.11.*", "3.11"),
        ("python=3.11*", "3.11"),
        ("python==3.11", "3.11"),
        ("python>=3.11", None),
        ("python", None),
        ("python 3.10|3.11", None),
    ],
)
def test_one_version_is_told_from_a_range(text: str, exact: str | None) -> None:
    assert parse_match_spec(text).exact == exact


@pytest.mark.parametrize("text", SPECS)
def test_condas_own_parser_reads_the_same_package(text: str) -> None:
    rattler = pytest.importorskip("rattler")
    theirs = rattler.MatchSpec(text)
    ours = parse_match_spec(text)
    assert theirs.name.normalized == ours.name
    if theirs.build is not None:
        assert theirs.build == ours.build
    if "://" in text and "::" not in text:
        return  # of a file's address rattler reads the name alone
    assert (theirs.version is None) == (not ours.version)
    if ours.channel:
        assert theirs.channel is not None


def test_condas_own_parser_reads_what_is_written() -> None:
    rattler = pytest.importorskip("rattler")
    others = [text for text in SPECS if "://" not in text]
    spec = EnvSpec(python="3.11.7", requirements=(Entry("a==1"),), conda_dependencies=tuple(others))
    written = yaml.safe_load(write_conda(spec))["dependencies"]
    names = [rattler.MatchSpec(each).name.normalized for each in written if isinstance(each, str)]
    assert names[0] == "python"
    assert set(names[1:]) == {SPECS[text].name for text in others} | {"pip"}


CHANNELS = [
    *("", "conda-forge::", "conda-forge/linux-64::", "https://conda.anaconda.org/conda-forge::"),
    *("pkgs/main::", "conda-forge/label/x::"),
]
NAMES = ["NumPy", "_libgcc_mutex", "r-base", "ld_impl_linux-64"]
ENDS = [
    *("", "=1.26", "==1.26.4", " 1.26.*", " >=1,<2", " >=1, <2", " >=1|<0.5", " ~=1.26", "!=1.2"),
    *(" 1.26.4 py311_0", "=1.26.4=py311_0", " 1.26.4=py311_0", " 1.26.4 *cuda*", "=1.26.* py*"),
    *(" ==1.26.4 py311_0", " =1.26", " <2 *_0", " * *cuda*", "=1!2.0", "==1.26.4=*cuda*", "=2.*"),
    *(">=1.0.0a1", " 1.26.4|1.27 *", "=2.0=cuda112py39*", "[version='>=1']", " [version=1.0]"),
    *('[version=">=1,<2",build=py*]', "[channel=conda-forge,subdir=linux-64]"),
    *("[md5=0123456789abcdef0123456789abcdef]", "[build_number='>3']"),
]


@pytest.mark.parametrize("channel", CHANNELS)
def test_condas_own_parser_reads_every_combination_alike(channel: str) -> None:
    rattler = pytest.importorskip("rattler")
    for text in (f"{channel}{name}{end}" for name in NAMES for end in ENDS):
        theirs, ours = rattler.MatchSpec(text), parse_match_spec(text)
        assert (text, theirs.name.normalized, theirs.build or "") == (text, ours.name, ours.build)
        assert (text, theirs.version is None) == (text, not ours.version)
        assert (text, theirs.channel is None) == (text, not ours.channel)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("python", "3.8", ""),
        ("python=*", "3.8.1", ""),
        ("python>=3.10,<3.12", "3.10 3.11 3.11.9", "3.9 3.12 3.12.0"),
        ("python >=3.10, <3.12", "3.11.9", "3.12.0"),
        ("python=3.11.*", "3.11 3.11.4", "3.1 3.12"),
        ("python 3.11", "3.11 3.11.4", "3.12"),
        ("conda-forge::python=3.11.4", "3.11 3.11.4", "3.11.40 3.11.5 3.1"),
        ("python[version='>=3.10,<3.11']", "3.10.2", "3.11"),
        ("python>=3.10.*,!=3.11.*", "3.10 3.12", "3.11 3.9"),
        ("python=3.9|>=3.11.2,<3.12", "3.9.18 3.11 3.11.2", "3.10 3.11.1 3.12"),
        ("python 3.9|>=3.11.2,<3.12", "3.9.18 3.11.2", "3.10 3.11.1"),
        ("python==3.9|>=3.11.2,<3.12", "3.9.18 3.11.2", "3.10 3.11.1"),
        ("python~=3.10", "3.10 3.12.1", "3.9"),
        ("python>3.10,<=3.11", "3.10 3.10.4 3.11.0", "3.11.1 3.9"),
        ("python<nothing", "", "3.11"),
    ],
)
def test_a_range_admits_what_conda_would_install_for_it(text: str, yes: str, no: str) -> None:
    spec = parse_match_spec(text)
    assert [each for each in yes.split() if not spec.admits(each)] == []
    assert [each for each in no.split() if spec.admits(each)] == []
