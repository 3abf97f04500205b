"""Written environments are read back unchanged, whatever they hold."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from envfiles import (
    Entry,
    EnvSpec,
    Lock,
    Locked,
    LockedFile,
    check_agreement,
    conda_name,
    read_folder,
    update_files,
    write_files,
)
from envfiles.formats.conda_yaml import read_conda, write_conda
from envfiles.formats.python_env import read_python_env, write_python_env
from envfiles.formats.requirements_txt import write_constraints, write_requirements
from envfiles.lock.pylock import read_pylock, write_pylock
from envfiles.requirements.reader import parse_requirements

from .. import pip_parser

if TYPE_CHECKING:
    from random import Random

names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True)
numbers = st.integers(0, 2030).map(str)
versions = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", "1!"]),
        st.lists(numbers, min_size=1, max_size=4).map(".".join),
        st.sampled_from(["", "", "rc1", "A2", ".post3", ".dev0", "-alpha.1"]),
        st.sampled_from(["", "", "+cu121", "+CPU", "+ubuntu.1", "+a_b"]),
    ),
)
urls = st.builds(
    "{}host/{}{}".format,
    st.sampled_from(["https://", "git+ssh://git@", "file:///", "https://${TOKEN}@"]),
    st.text(
        st.characters(exclude_categories=["C", "Z"], exclude_characters=";\\"),
        max_size=9,
    ),
    st.sampled_from(["", "#sha256=0f", "@main#egg=x&subdirectory=y", "%20.whl"]),
)
markers = st.sampled_from(
    [
        "",
        "python_version<'3.9'",
        'sys_platform == "win32" or (os_name=="posix" and extra == "A_b")',
        'platform_version == "it\'s"',
        "platform_python_implementation != 'PyPy'",
    ]
)


@st.composite
def requirements(draw: st.DrawFn) -> str:
    extras = draw(st.lists(names, max_size=2))
    head = draw(names) + (f"[{', '.join(extras)}]" if extras else "")
    what = draw(st.one_of(versions.map("== {}".format), urls.map("@ {}".format), st.just("")))
    marker = draw(markers)
    return f"{head} {what}" + (f" ; {marker}" if marker else "")


comments = st.text(max_size=20) | st.text(st.sampled_from("ab#\\ -r\n\r\x0b\x1c\x85\u2028'\"{}:"))
hashes = st.binary(min_size=32, max_size=32).map(lambda digest: f"sha256:{digest.hex()}")
entries = st.builds(
    Entry,
    requirements(),
    comments,
    st.lists(hashes, max_size=2).map(tuple),
    st.lists(comments, max_size=2).map(tuple),
)
words = (
    st.text(min_size=1, max_size=10).map(str.strip).filter(lambda text: text and text.isprintable())
)
conda_lines = st.builds("{}{}".format, names, st.sampled_from(["", "=1.26", ">=1,<2", "==1=py_0"]))

options = st.sampled_from(
    [
        "--pre",
        "-i https://me:pw@host/simple",
        "--extra-index-url=https://host/simple?a=b&c=d",
        "-f './my wheels'",
        "--find-links ./wheels",
        "--trusted-host host:80",
        "--no-binary :all:",
        "--require-hashes",
    ]
)
unnamed = st.sampled_from(
    [
        "-e ./here[x]",
        "--editable=git+https://me:pw@host/r@1f#egg=r",
        "./wheels/own-1-py3-none-any.whl ; os_name == 'nt'",
        "https://host/a.zip#sha256=00",
        "../up",
        "git+ssh://git@host/r",
    ]
)


moments = st.just("") | st.datetimes().map(lambda each: f"{each.isoformat()}Z")


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    packages = []
    for name in draw(st.lists(names.map(canonicalize_name), max_size=3, unique=True)):
        file = f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
        url, path = draw(st.sampled_from([(f"https://host/{file}", ""), ("", f"wheels/{file}")]))
        size = draw(st.none() | st.integers(0, 9**9))
        others = draw(st.sampled_from([(), ("md5:00",), ("blake2b:00", "sha1:00")]))
        artifact = LockedFile(
            file=file,
            hashes=tuple(draw(st.lists(hashes, min_size=0 if others else 1, max_size=1))),
            other_hashes=others,
            url=url,
            path=path,
            size=size,
            uploaded=draw(moments),
        )
        packages.append(
            Locked(
                name=name,
                version="1.0",
                artifacts=(artifact,),
                reasons=tuple(draw(st.lists(words, max_size=2))),
            )
        )
    return Lock(packages=tuple(packages), python="3.11.7", requires_python="==3.11.*")


specs = st.builds(
    EnvSpec,
    python=st.builds(
        "3.{}{}".format, st.integers(0, 20), st.sampled_from(["", ".7", ".0rc1", ".10"])
    ),
    requirements=st.lists(entries, max_size=4, unique_by=lambda entry: entry.key).map(tuple),
    constraints=st.lists(st.builds("{}<{}".format, names, numbers), max_size=3).map(tuple),
    build_dependencies=st.lists(requirements(), max_size=2).map(tuple),
    name=words,
    channels=st.lists(words, max_size=3).map(tuple),
    conda_dependencies=st.lists(
        conda_lines.filter(lambda line: not line.lower().startswith("python")), max_size=3
    ).map(tuple),
    options=st.lists(options, max_size=3).map(tuple),
    unnamed=st.lists(unnamed, max_size=2).map(tuple),
)

# Each of many properties of one kind of value, so a third of the examples for each.
some = settings(max_examples=max(1, settings().max_examples // 3))


@given(requirements(), comments)
def test_normalising_what_is_normal_changes_nothing(requirement: str, comment: str) -> None:
    """Each line has one spelling: an entry made of an entry's own texts is that entry."""
    entry = Entry(requirement, comment)
    assert Entry(entry.requirement, entry.comment) == entry


@given(specs)
def test_a_folder_read_back_is_the_same_environment(spec: EnvSpec) -> None:
    """Every writer has a reader: reading back what was written gives the same EnvSpec."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in write_files(spec).items():
            Path(folder, name).write_bytes(text.encode())
        assert read_folder(Path(folder)) == spec
        check_agreement(Path(folder))


@some
@given(specs)
def test_the_files_say_the_same_set(spec: EnvSpec) -> None:
    """requirements.txt and conda.yaml state one set, and python_env.yaml points to it."""
    stated = {entry.requirement for entry in spec.requirements}
    conda, python_env = read_conda(write_conda(spec)), read_python_env(write_python_env(spec))
    assert {entry.requirement for entry in conda.pip.entries()} == stated
    assert {e.requirement for e in parse_requirements(write_requirements(spec)).entries()} == stated
    assert [each.path for each in python_env.dependencies.requirement_files] == ["requirements.txt"]
    assert conda.python == python_env.python == spec.python


@some
@given(specs)
def test_condas_own_parser_reads_what_is_written(spec: EnvSpec) -> None:
    """What is written is what conda reads: the interpreter, and every package by its name."""
    rattler = pytest.importorskip("rattler")
    written = yaml.safe_load(write_conda(spec))["dependencies"]
    python, *others = [rattler.MatchSpec(each) for each in written if isinstance(each, str)]
    assert (python.name.normalized, str(python.version)) == ("python", f"{spec.python}.*")
    wanted = {conda_name(each) for each in spec.conda_dependencies}
    assert {each.name.normalized for each in others} == wanted | {"pip"}


@some
@given(specs)
def test_one_pin_a_line(spec: EnvSpec) -> None:
    """One pin a line, sorted by name, whatever its comment holds."""
    text = write_requirements(replace(spec, unnamed=()))
    pins = [line for line in text.splitlines() if not line.startswith(("#", "-", " "))]
    assert len(pins) == len(spec.requirements)
    assert all(
        line.startswith(e.requirement) for line, e in zip(pins, spec.requirements, strict=True)
    )


@some
@given(specs)
def test_constraints_are_read_back(spec: EnvSpec) -> None:
    """A constraint narrows; what constraints.txt says is what was given."""
    assert (
        parse_requirements(write_constraints(spec), is_constraint=True).spelled_constraints()
        == spec.constraints
    )


@some
@given(specs, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_change_the_files(spec: EnvSpec, chance: Random) -> None:
    """The result does not depend on the order of entries."""
    shuffled = chance.sample(spec.requirements, len(spec.requirements))
    other = replace(
        spec,
        requirements=tuple(shuffled),
        constraints=spec.constraints[::-1],
        unnamed=spec.unnamed[::-1],
    )
    assert write_files(other) == write_files(spec)


@some
@given(specs)
def test_any_yaml_reader_reads_the_same_texts(spec: EnvSpec) -> None:
    """conda.yaml and python_env.yaml hold text wherever the format wants text."""
    conda = yaml.load(write_conda(spec), Loader=yaml.SafeLoader)
    python_env = yaml.load(write_python_env(spec), Loader=yaml.SafeLoader)
    assert conda["name"] == spec.name
    assert conda.get("channels", []) == list(spec.channels)
    assert conda["dependencies"][0] == f"python={spec.python}"
    assert python_env["python"] == spec.python
    assert python_env["build_dependencies"] == list(spec.build_dependencies)


@some
@given(specs)
def test_pip_reads_the_same_requirements(spec: EnvSpec) -> None:
    """requirements.txt installs with `pip install -r`: pip finds the lines that were meant."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in write_files(spec).items():
            Path(folder, name).write_bytes(text.encode())
        found = pip_parser.texts(Path(folder, "requirements.txt"))
    assert found[len(spec.unnamed) :] == [
        (each.requirement, frozenset(each.hashes)) for each in spec.requirements
    ]


@some
@given(locks())
def test_a_lock_is_read_back(lock: Lock) -> None:
    pytest.importorskip("packaging.pylock")
    """pylock.toml, by PEP 751: what is read is what was written."""
    assert read_pylock(write_pylock(lock)) == lock


few_markers = markers.map(lambda marker: f" ; {marker}" if marker else "")
few_names = st.sampled_from(["a", "b-c", "Numpy", "own", "zoo[x]"])
few_entries = st.builds(
    Entry,
    st.builds("{}{}{}".format, few_names, st.sampled_from(["==1", "==2", ">=1,<3"]), few_markers),
    st.sampled_from(["", "via a, b", "imported by the model"]),
    st.lists(hashes, max_size=1).map(tuple),
)
few_specs = st.builds(
    EnvSpec,
    python=st.sampled_from(["3.11.7", "3.10", "3.12.0rc1"]),
    requirements=st.lists(few_entries, max_size=4, unique_by=lambda e: e.key).map(tuple),
    constraints=st.lists(st.sampled_from(["a<1", "b<2"]), max_size=2).map(tuple),
    build_dependencies=st.lists(st.sampled_from(["pip==1", "pip==2", "wheel"]), max_size=2).map(
        lambda found: tuple(dict.fromkeys(found))
    ),
    name=st.sampled_from(["x", "a: b", "3.10", "ü #"]),
    channels=st.lists(st.sampled_from(["conda-forge", "a b", "null"]), unique=True, min_size=1).map(
        tuple
    ),
    conda_dependencies=st.lists(
        st.sampled_from(["libgomp", "numpy=1.26", "pip<=26", "x::y"]), unique=True
    ).map(tuple),
    options=st.lists(options, max_size=2).map(tuple),
    unnamed=st.lists(unnamed, max_size=2).map(tuple),
)


@given(few_specs, few_specs)
def test_updated_files_say_the_new_environment(before: EnvSpec, after: EnvSpec) -> None:
    """Updating a folder is writing it, as far as what it says is concerned."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in write_files(before).items():
            (folder / file).write_bytes(text.encode())
        for file, new in update_files(folder, after).items():
            if new is None:
                (folder / file).unlink(missing_ok=True)
            else:
                (folder / file).write_bytes(new.encode())
        found = read_folder(folder)
        assert {each.requirement for each in found.requirements} == {
            each.requirement for each in after.requirements
        }
        assert set(found.conda_dependencies) == set(after.conda_dependencies)
        assert (
            replace(
                after,
                requirements=found.requirements,
                conda_dependencies=found.conda_dependencies,
            )
            == found
        )
        check_agreement(folder)


@some
@given(few_specs)
def test_an_update_by_what_the_files_say_changes_no_byte(spec: EnvSpec) -> None:
    """Updating a file keeps what the update does not concern."""
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), write_files(spec)
        for file, text in files.items():
            (folder / file).write_bytes(text.encode())
        updated = update_files(folder, read_folder(folder))
        assert {file: text for file, text in updated.items() if text is not None} == files
