from __future__ import annotations

import pytest

from envfiles import InvalidFile, migrate
from envfiles.conda.channels import is_channel

DEFAULTS = [
    "defaults",
    "anaconda",
    "main",
    "r",
    "pkgs/main",
    "pkgs/r",
    "pkgs/msys2",
    "https://repo.anaconda.com/pkgs/main",
    "https://repo.anaconda.com/pkgs/r/",
    "https://repo.anaconda.com/pkgs/main/linux-64",
    "http://repo.continuum.io/pkgs/free",
    "https://conda.anaconda.org/anaconda",
    "anaconda/label/main",
    "https://conda.anaconda.org/anaconda/label/dev",
    "https://conda.anaconda.org/main/noarch",
    "https://repo.anaconda.cloud/t/secret-token/repo/main",
    "https://me:secret@repo.anaconda.com/pkgs/main",
]
OTHERS = [
    "conda-forge",
    "conda-forge/label/main",
    "nodefaults",
    "pytorch",
    "https://conda.anaconda.org/conda-forge",
    "https://mirror.example.org/main",
    "main-mirror",
    "local",
    "anaconda-platform",
]


@pytest.mark.parametrize("channel", DEFAULTS)
def test_defaults_is_known_under_all_its_names(channel: str) -> None:
    assert is_channel(channel, "defaults")
    text = f"channels:\n- {channel}\ndependencies:\n- python=3.8.1\n"
    migration = migrate(text, old="defaults", new="conda-forge")
    assert migration.after == text.replace(channel, "conda-forge")
    assert "secret" not in "".join((*migration.found, migration.diff("c")))


@pytest.mark.parametrize("channel", OTHERS)
def test_other_channels_are_let_be(channel: str) -> None:
    assert not is_channel(channel, "defaults")
    text = f"channels: [{channel}]"
    assert not migrate(text, old="defaults", new="conda-forge").changed


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("channels: [defaults]", "channels: [conda-forge]"),
        ("channels:\n  - 'defaults'  # why\n", "channels:\n  - 'conda-forge'  # why\n"),
        (
            "# a\r\nchannels:\r\n- conda-forge\r\n- defaults\r\nx: {y: 1}\r\n",
            "# a\r\nchannels:\r\n- conda-forge\r\nx: {y: 1}\r\n",
        ),
        ("channels: [defaults, a, anaconda]", "channels: [conda-forge, a]"),
        ("channels: [a, defaults]\nx: 1", "channels: [a, conda-forge]\nx: 1"),
        ("name: x\ndependencies: [a]", "channels:\n- conda-forge\nname: x\ndependencies: [a]"),
        ("# only\n\nname: x\n", "# only\n\nchannels:\n- conda-forge\nname: x\n"),
        ("name: x\nchannels:\n", "name: x\nchannels: [conda-forge]\n"),
        ("name: x\nchannels: []\n", "name: x\nchannels: [conda-forge]\n"),
        ("name: x\nchannels: null # n\n", "name: x\nchannels: [conda-forge] # n\n"),
        ("{name: x}", "{channels: [conda-forge], name: x}"),
        (
            "channels: [defaults]\ndependencies:\n- defaults::numpy=1.2\n- x::y\n- anaconda::z\n",
            "channels: [conda-forge]\ndependencies:\n- conda-forge::numpy=1.2\n- x::y\n"
            "- conda-forge::z\n",
        ),
        (
            "channels: ['https://conda.anaconda.org/conda-forge', defaults]",
            "channels: ['https://conda.anaconda.org/conda-forge']",
        ),
    ],
)
def test_every_other_byte_stays(text: str, after: str) -> None:
    migration = migrate(text, old="defaults", new="conda-forge")
    assert migration.after == after
    assert migration.found
    assert not migrate(after, old="defaults", new="conda-forge").changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("numpy[channel=defaults]", "numpy[channel=conda-forge]"),
        ("'x[version=1, channel=\"pkgs/r\"]'", "'x[version=1, channel=\"conda-forge\"]'"),
        ("\"x[channel='main',build=py_0]\"", "\"x[channel='conda-forge',build=py_0]\""),
        ("pkgs/main/linux-64::x", "conda-forge::x"),
        ("x[channel=bioconda]", "x[channel=bioconda]"),
        ("x[build=channel]", "x[build=channel]"),
    ],
)
def test_a_channel_of_one_dependency_is_found_wherever_it_stands(before: str, after: str) -> None:
    text = f"channels:\n- conda-forge\ndependencies:\n- {before}  # why\n"
    migration = migrate(text, old="defaults", new="conda-forge")
    assert migration.after == text.replace(before, after)
    assert len(migration.found) == (before != after)


def test_any_channel_may_be_left_for_another() -> None:
    migration = migrate("channels: [old, x]", old="old", new="new")
    assert migration.after == "channels: [new, x]"
    assert not migrate("name: x", old="old", new="new").changed


def test_what_another_channel_may_not_have_is_noted() -> None:
    text = "channels: [defaults]\ndependencies: [numpy=1.2=py38_0, scipy=1]\n"
    (note,) = migrate(text, old="defaults", new="conda-forge").notes
    assert note.startswith("dependencies[0]: numpy=1.2=py38_0 names a build")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("channels: &a [defaults]\nx: *a\n", "unusual"),
        ("channels: defaults", "expected a list"),
        ("- a", "expected keys"),
        ("dependencies: ['::x']", "is no conda dependency"),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidFile, match=reason):
        migrate(text, old="defaults", new="conda-forge", file="c.yaml")
