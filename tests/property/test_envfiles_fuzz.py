"""No text makes a reader crash, and nothing that a text says is lost without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envfiles import EnvFilesError, InvalidFile
from envfiles.formats.conda_yaml import read_conda
from envfiles.formats.python_env import read_python_env
from envfiles.lock.pylock import read_pylock
from envfiles.requirements.lines import iter_lines
from envfiles.requirements.reader import parse_requirements

if TYPE_CHECKING:
    from collections.abc import Callable

    from envfiles.requirements.content import RequirementsContent

T = TypeVar("T")
FEW, MANY = 150, 34_000

line_ends = st.sampled_from(["\n", "\r\n", "\r", " \\\n", "\\\r\n", "\x0b", "\u2028"])
words = st.sampled_from(
    "a b==1 numpy>=2,<3 A_b[x,y] @ https://me:pw@h/a.whl#sha256=00 ; python_version<'3' or "
    "os_name=='nt' --hash=sha256:HASH --hash= -e ./x -r r.txt -c c.txt -i -f . --pre --index-url "
    "${T} # via \\ ' \" $ % é \u0000 \ufeff \t ==*.1 ~= 1!2 +cu121 file:///etc/passwd .. a.whl "
    "=== <> [ ] { } , ;; @ git+ssh://git@h/x@1f".replace("HASH", "0f" * 32).split(" ")
)
noise = st.text(max_size=6)
lines = st.lists(words | noise, max_size=5).flatmap(
    lambda parts: st.sampled_from([" ", "", "  "]).map(lambda space: space.join(parts))
)
requirement_files = st.lists(st.tuples(lines, line_ends).map("".join), max_size=6).map("".join)

TOKENS = """
name: channels: dependencies: - pip: prefix: variables: python: build_dependencies: ¶ ¶-· ¶··-·
¶····-· &a *a <<: !!str !!python/object/apply:os.system ? | > { } [ ] , ' " # --- ... %YAML
defaults python=3.11.7 numpy=1.26=py_0 a==1 x::y -r·requirements.txt null ~ é 1e3 0x1f yes
2020-01-01
"""
tokens = st.sampled_from(TOKENS.split()).map(
    lambda token: token.replace("¶", "\n").replace("·", " ")
)
yaml_files = st.lists(tokens | noise, max_size=16).flatmap(
    lambda parts: st.sampled_from([" ", "", "\n"]).map(lambda space: space.join(parts))
)

toml_tokens = st.sampled_from(
    [
        *('lock-version = "1.0"', 'created-by = "x"', "packages = []", "[[packages]]"),
        *(
            'name = "a"',
            'version = "1"',
            "[[packages.wheels]]",
            'url = "https://h/a-1-py3-none-any.whl"',
        ),
        *(
            'hashes = {sha256 = "00"}',
            f'hashes.sha256 = "{"0f" * 32}"',
            'path = "../../etc/passwd"',
        ),
        *(
            "[packages.vcs]",
            'type = "git"',
            'commit-id = "1f"',
            "size = -1",
            "size = 1e3",
            "[tool]",
        ),
        *(
            'marker = "os_name"',
            "environments = [1]",
            "[tool.modelenv]",
            "because = 1",
            "= =",
            "[[",
        ),
        *("'''", '"""', "a.b.c = 1", "{", "}", "1979-05-27T07:32:00Z", "\x00", "x = nan"),
    ]
)
toml_files = st.lists(toml_tokens | noise, max_size=14).map("\n".join)


def read(reader: Callable[[str], T], text: str) -> T | None:
    """Read a text; a refusal has to name its reason, and its line or key where it is in a file."""
    try:
        return reader(text)
    except InvalidFile as error:
        faults = error.faults
    assert faults
    for fault in faults:
        assert fault.reason
        assert fault.location.file == "f"
        assert "\n" not in str(fault)
    return None


def check_requirements(text: str) -> None:
    found = read(lambda text: parse_requirements(text, file="f"), text)
    read(_spell, text)
    read(
        lambda text: parse_requirements(text, file="f", is_constraint=True).spelled_constraints(),
        text,
    )
    if found is not None:
        check_nothing_is_lost(text, found)


def _spell(text: str) -> object:
    found = parse_requirements(text, file="f")
    return found.entries(), found.spelled_options(), found.spelled_unnamed()


def check_nothing_is_lost(text: str, found: RequirementsContent) -> None:
    """Every line is in the result: as a requirement, an option, a file, or as passed over."""
    told = {each.location.line for each in (*found.items, *found.ignored)}
    assert told == {line.number for line in iter_lines(text)}


def check_yaml(text: str) -> None:
    conda = read(lambda text: read_conda(text, file="f"), text)
    read(lambda text: read_python_env(text, file="f"), text)
    if conda is not None and "dependencies" not in text:
        assert not conda.dependencies
        assert not conda.pip.items


def check_toml(text: str) -> None:
    pytest.importorskip("packaging.pylock")
    lock = read(lambda text: read_pylock(text, file="f"), text)
    if lock is not None:
        assert len(lock.packages) == text.count("[[packages]]")


CHECKS = {
    "requirements": (requirement_files, check_requirements),
    "yaml": (yaml_files, check_yaml),
    "toml": (toml_files, check_toml),
}


def fuzz(kind: str, examples: int) -> None:
    strategy, check = CHECKS[kind]

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(strategy)
    def run(text: str) -> None:
        check(text)

    run()


@pytest.mark.parametrize("kind", CHECKS)
def test_a_few_hundred_generated_documents_are_read_or_refused(kind: str) -> None:
    """Bad input is refused with file, line or key, and the reason; nothing is lost silently."""
    fuzz(kind, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHECKS)
def test_a_hundred_thousand_generated_documents_in_all_are_read_or_refused(kind: str) -> None:
    """As above, at length."""
    fuzz(kind, MANY)


def test_every_error_of_this_package_has_one_root() -> None:
    assert issubclass(InvalidFile, EnvFilesError)
