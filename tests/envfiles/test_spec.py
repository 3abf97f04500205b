from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from envfiles import Entry, EnvSpec, InvalidEntry, InvalidSpec


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("NumPy==2.4.6", "numpy==2.4.6"),
        ("Scikit_Learn == 1.5.0RC1", "scikit-learn==1.5.0rc1"),
        ("a.b-_c", "a-b-c"),
        ("torch==2.5.1+CU121", "torch==2.5.1+cu121"),
        ("a == 1!2.0.Post1", "a==1!2.0.post1"),
        ("a==1.*", "a==1.*"),
        ("a===Weird_1", "a===Weird_1"),
        ("a<2,>=1", "a<2,>=1"),
        ("a>=1,<2", "a<2,>=1"),
        ("pandas[Excel,  AWS_x]==3", "pandas[aws-x,excel]==3"),
        ("a==1;python_version<'3.9'", 'a==1; python_version < "3.9"'),
        ("A@https://h/a-1.whl#sha256=0f", "a @ https://h/a-1.whl#sha256=0f"),
        (
            "a[x] @ git+https://h/a@1f ; sys_platform=='win32'",
            'a[x] @ git+https://h/a@1f ; sys_platform == "win32"',
        ),
    ],
)
def test_a_requirement_is_normalised_whatever_its_spelling(written: str, normalised: str) -> None:
    assert Entry(written).requirement == normalised


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("numpy==", "Expected"),
        ("", "Expected"),
        ("./a.whl", "Expected"),
        ("a @ https://h/a\nevil==1", "break a line|Expected whitespace"),
        ("a @ https://h/a\\", "would not survive"),
        ("a @ #b", "would not survive"),
        ("a @ https://h/a;b.zip", "%3B"),
        ("a; platform_version == 'x #y'", "break a line"),
        ("a; platform_version == 'x -y'", "break a line"),
    ],
)
def test_a_text_that_no_requirements_file_can_hold_is_refused_with_its_text(
    text: str, reason: str
) -> None:
    with pytest.raises(InvalidEntry) as caught:
        Entry(text)
    assert repr(text) in str(caught.value)
    assert any(each in str(caught.value) for each in reason.split("|"))


def test_a_quote_within_quotes_is_read_back_or_refused() -> None:
    # packaging learned to write such a marker only in later versions.
    try:
        entry = Entry("a; platform_version == 'x\"y'")
    except InvalidEntry as error:
        assert "its marker" in str(error)  # noqa: PT017 (either answer is right)
    else:
        assert Entry(entry.requirement) == entry


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("via a,\r\n\tb", "via a, b"),
        ("one\x0btwo\x1cthree\u2028four\x00", "one two three four\\x00"),
        ("ends with \\\\ \\", "ends with"),
        ("\udc80 bytes", "\\udc80 bytes"),
        ("# via a", "# via a"),
        ("naïve 試", "naïve 試"),
    ],
)
def test_a_comment_stays_on_its_line(comment: str, kept: str) -> None:
    assert Entry("a", comment).comment == kept


def test_the_order_of_entries_does_not_matter() -> None:
    one, two, three = Entry("b==1"), Entry("a==1"), Entry('a==2; python_version < "3"')
    first = EnvSpec(python="3.11.7", requirements=(one, two, three))
    assert first == EnvSpec(python="3.11.7", requirements=(three, one, two))
    assert [entry.name for entry in first.requirements] == ["a", "a", "b"]


def test_constraints_are_normalised_and_stand_once() -> None:
    spec = EnvSpec(python="3.11", requirements=(), constraints=("SciPy<2", "numpy<3", "scipy <2"))
    assert spec.constraints == ("numpy<3", "scipy<2")


def test_build_dependencies_keep_their_order() -> None:
    spec = EnvSpec(
        python="3.11.7", requirements=(), build_dependencies=("wheel", "PIP==23.2.1", "setuptools")
    )
    assert spec.build_dependencies == ("wheel", "pip==23.2.1", "setuptools")


def test_pip_alone_is_no_conda_dependency_of_its_own() -> None:
    spec = EnvSpec(
        python="3.11.7", requirements=(), conda_dependencies=("pip", "libgomp", "pip<=26.3")
    )
    assert spec.conda_dependencies == ("libgomp", "pip<=26.3")


def test_all_faults_are_named_at_once_with_field_and_entry() -> None:
    with pytest.raises(InvalidSpec) as caught:
        EnvSpec(
            python=">=3.11",
            requirements=(Entry("numpy==1"), Entry("NumPy==2")),
            constraints=("a[x]<2",),
            build_dependencies=("pip", "wheel="),
            name="two\nlines",
            channels=("",),
            conda_dependencies=("python=3.11", "-x"),
        )
    assert [str(fault.location) for fault in caught.value.faults] == [
        "python",
        "name",
        "requirements[1]",
        "constraints[0]",
        "build_dependencies[1]",
        "channels[0]",
        "conda_dependencies[0]",
        "conda_dependencies[1]",
    ]
    assert "'numpy==2' names numpy again, after 'numpy==1' in requirements[0]" in str(caught.value)


def test_one_name_may_stand_under_different_markers() -> None:
    entries = Entry('a==1; python_version < "3.9"'), Entry('a==2; python_version >= "3.9"')
    assert EnvSpec(python="3.11.7", requirements=entries).requirements == entries


@pytest.mark.parametrize("python", ["3.11", "3.11.7", "3.14.0rc1", "3.10"])
def test_a_version_of_python_is_taken(python: str) -> None:
    assert EnvSpec(python=python, requirements=()).python == python


@pytest.mark.parametrize(
    "python", ["", "3", "3.11.7.1", "3.x", "3.11.*", "3.11.7\n", "\u0663.\u0661"]
)
def test_what_is_no_version_of_python_is_refused(python: str) -> None:
    with pytest.raises(InvalidSpec, match=r"^python: "):
        EnvSpec(python=python, requirements=())


def test_values_are_frozen_and_travel() -> None:
    spec = EnvSpec(python="3.11.7", requirements=(Entry("a==1", "via b"),))
    with pytest.raises(FrozenInstanceError):
        spec.python = "3.12.1"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert replace(spec, python="3.12.1").requirements == spec.requirements
    assert hash(replace(spec)) == hash(spec)
