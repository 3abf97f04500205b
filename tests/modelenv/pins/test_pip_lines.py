"""Lines of requirements files, each read by pip's own parser too: what it means to pip counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from envfiles import InvalidFile
from modelenv.pins.lines import read_lines
from resolver.index.option_lines import apply_options
from resolver.index.pip_config import PipOptions

from ... import pip_parser
from ...pip_parser import DEFAULT_INDEX, Asked, Read

SHA256, SHA384 = "a" * 64, "b" * 96

NAMED = [
    *("numpy", "numpy==1.26.*", "numpy ~= 1.26", "numpy===weird", "numpy>=1!2.0", "numpy==2.0+cpu"),
    *("Num_Py.x>=1a1.dev0", "numpy [a , b] >=1 , <2", "numpy (>=1)", "numpy[]", "a<2!1", "a===1.0"),
    *(
        "numpy>=1 # why",
        "numpy>=1#why",
        "numpy>=1\t# why",
        "# only",
        "",
        "   ",
        "  numpy",
        "\tnumpy",
    ),
    "numpy>=1,<3;python_version>='3.8' and (sys_platform=='linux' or os_name=='nt')",
    *("numpy >= 1 ; extra == 'x'", "numpy ;python_version>'3'", "a==1.0;python_version<'3'", "a.b"),
    *("numpy;", "numpy>=1;", "numpy>=1,", "a==1.0.*,!=1.0.3", "a!=1.*", "A==1.0.0.post1"),
]
BROKEN = [
    *("numpy>", "numpy=1", "numpy>=", "1numpy-", "-numpy", "numpy @", "numpy[", "numpy[a", "a~=1"),
    *("numpy==1 numpy==2", "numpy, scipy", "numpy>=1;bogus=='x'", "numpy>=1 and <2", "a>=1.*"),
    *("'numpy'", '"numpy>=1"', "numpy>='1'", "$PKG", "${pkg}", "%PKG%", "${MISSING}==1"),
    *("numpy\u00a0>=1", "numpy==1 --hash=md5:abc", "numpy==1 --hash=sha256", "--bogus", "--quiet"),
    *("-r", "-c", "-r missing.txt", "-c missing.txt", "-U", "numpy==1 --install-option=x"),
    *(
        "--index-url",
        "--find-links",
        "--no-binary",
        "-e",
        "-e ''",
        "-c extras.txt",
        "-c edited.txt",
    ),
    *("--no", "--p", "--pre=1", "numpy==1 -C k", "numpy==1 --hash=sha256", "numpy -e ./proj"),
    *("--extra-index-url", "a @ https://h/a;b.zip", "-x", "-i 'https://h", "numpy --quiet"),
]
PLACES = [
    *("-e .", "-e ./proj", "--editable=./proj", "-e./proj", "-e ./proj[x]", "-e proj", "./proj"),
    *("./proj[x]", "proj/", "proj", "./proj ; python_version>'3'", ".", ".[x]"),
    *("./a-1.0-py3-none-any.whl", "a-1.0-py3-none-any.whl[x]", "./a-1.0.tar.gz", "a-1.0.zip"),
    *("a @ ./a-1.0.whl", "a @ file:///x/a-1.0.tar.gz", "file:///x/a-1.0-py3-none-any.whl"),
    *("https://h/a-1.0-py3-none-any.whl", f"https://h/a-1.0-py3-none-any.whl#sha256={SHA256}"),
    *("a[x]@https://h/x.zip", "a@https://h/x.zip", "a @ https://h/x.zip ; python_version>'3'"),
    *("a @ https://h/x.zip;python_version>'3'", "a @ https://${TOK}@h/a.zip", "-c url.txt"),
    *("git+https://h/r.git#egg=a", "git+https://h/r.git@v1#egg=a&subdirectory=s"),
    *("git+ssh://git@h/r.git#egg=a", "a @ git+https://h/r.git@abc#subdirectory=x"),
    *("-e git+https://h/r.git", "-e a @ git+https://h/r.git", "-e git+file:///x/r#egg=a"),
]
OPTIONS = [
    *("-i https://h/s", "--index-url=https://h/s", "--index-url 'https://h/s'", "-ihttps://h/s"),
    *("--extra-index-url https://h/s", "-f ./links", "--find-links=./links", "--no-index", "--pre"),
    *("--no-binary :all:", "--no-binary=a,b", "--only-binary a", "--prefer-binary", "--pre --no-i"),
    *("--require-hashes", "--no-require-hashes", "--trusted-host h", "--use-feature=fast-deps"),
    *(
        "--pypi-url https://h/s",
        "--extra-index https://h/s",
        "--index https://h/s",
        "-f https://h/f",
    ),
    "--index-url https://h/s --extra-index-url https://i/s",
    *(
        "-r nested.txt",
        "-rnested.txt",
        "--requirement=nested.txt",
        "-r 'nested.txt'",
        "-c limits.txt",
    ),
    *("-r nested.txt # why", "--constraint limits.txt", "numpy==1 --config-settings=k=v"),
    *("numpy==1 -Ck=v", "numpy==1 --conf k=v", "-e ./proj --config-settings k=v", "--only-b a"),
    *(
        "--extra https://h/s",
        "--find ./links",
        "--trusted h",
        "--req nested.txt",
        "--const limits.txt",
    ),
    *("-c wheel.txt", "-r ./nested.txt --pre", "-f 'links'", "--no-binary :none:"),
    *("numpy==1 -C k=v", f"numpy==1 --hash=sha256:{SHA256} --hash sha384:{SHA384}"),
]
# Words without effect: pip says nothing of them, or a warning.
PASSED_OVER = [
    *("numpy --pre", "--pre numpy", f"--hash=sha256:{SHA256}", "numpy -r missing.txt"),
    *(
        "-r nested.txt -c limits.txt",
        "-c limits.txt -r nested.txt --pre",
        "-r nested.txt -r gone.txt",
    ),
    *("-e ./proj -r gone.txt", "-e ./proj -e gone --no-index", "./proj -e ./gone"),
    *("--index-url=", "--pre -- numpy", "numpy==1 --hash=sha256:ab more", "-i https://h/s #x y"),
]
JOINED = [
    *(
        "num\\\npy",
        "numpy \\\n>=1",
        "numpy \\\n# why\n>=1",
        "numpy>=1 \\",
        "\ufeffnumpy",
        "${PKG}==1",
    ),
    *(f"numpy>=1 \\\n  --hash=sha256:{SHA256}", "numpy\x0cscipy", "a\u2028b", "numpy>=1\r"),
    f"numpy>=1 --hash=sha256:{SHA256} # why",
]
# What pip takes otherwise, and why it is otherwise here.
OTHERWISE = {
    "https://h/x.zip": "pip would build it to learn its name; here the line is told to say it",
    "git+https://h/r.git": "pip would build it to learn its name; here the line is told to say it",
    "https://h/a-1.0.zip#egg=a[x]": "pip took it until 26, and files that were written then say it",
    "numpy==1 --global-option=x": "pip took it until 25; it is about building alone",
    "https://h/a-1.0.zip;python_version>'3'": "pip takes the marker for a part of the URL",
}
LINES = [*NAMED, *BROKEN, *PLACES, *OPTIONS, *JOINED, *PASSED_OVER, *OTHERWISE]
VARIABLES = {"PKG": "numpy", "TOK": "token"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with projects, archives and files that lines name."""
    pip_parser.skip_without_pip()
    monkeypatch.chdir(tmp_path)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    for project in ("", "proj"):
        Path(project).mkdir(exist_ok=True)
        Path(project, "pyproject.toml").write_text('[project]\nname = "proj"\nversion = "1"\n')
    files = {
        "nested": "six",
        "limits": "six<2",
        "url": "six @ https://h/six-1.0.zip",
        "wheel": "https://h/six-1.0-py3-none-any.whl",
        "extras": "six[x]<2",
        "edited": "-e ./proj",
    }
    for name, text in files.items():
        Path(f"{name}.txt").write_text(f"{text}\n")
    for name in ("a-1.0-py3-none-any.whl", "a-1.0.tar.gz", "a-1.0.zip"):
        Path(name).touch()
    Path("links").mkdir()


def both(line: str) -> tuple[Read | None, Read | None]:
    """Read a file with a line as pip reads it, and as it is read here."""
    file = Path("r.txt")
    file.write_bytes(f"{line}\n".encode())
    theirs = pip_parser.read(file)
    return theirs and _comparable(theirs), _read(file)


def _read(file: Path) -> Read | None:
    try:
        lines = read_lines(file, layer="x", environment=VARIABLES)
    except InvalidFile:
        return None
    asked = [
        Asked(
            name=line.requirement.name,
            specifier=line.requirement.specifier,
            extras=frozenset(line.requirement.extras),
            marker=str(line.requirement.marker or ""),
            url=line.requirement.url,
            is_constraint=line in lines.constraints,
            editable=line.editable,
            hashes=frozenset(line.hashes),
            settings=frozenset(),
        )
        for line in (*lines.requirements, *lines.constraints)
    ]
    options = apply_options(PipOptions(indexes=(DEFAULT_INDEX,)), lines.options)
    return _comparable(Read(tuple(asked), options.indexes, options.find_links))


def _comparable(read: Read) -> Read:
    """Leave out what only one of the two knows: the name of what would be built, settings."""
    asked = (
        replace(
            each,
            name=None if each.url else each.name,
            specifier=SpecifierSet() if each.url else each.specifier,
            settings=frozenset(),
        )
        for each in read.asked
    )
    folders = (each if "://" in each else str(Path(each).absolute()) for each in read.find_links)
    return Read(tuple(sorted(asked, key=str)), tuple(sorted(read.indexes)), tuple(sorted(folders)))


@pytest.mark.parametrize("line", [each for each in LINES if each not in OTHERWISE])
def test_a_line_means_what_it_means_to_pip(line: str) -> None:
    theirs, ours = both(line)
    assert ours == theirs


@pytest.mark.parametrize(
    "line",
    [
        "--no-binary b --only-binary c",
        "a --no-binary b",
        "a --only-binary b --pre",
        "-e ./proj --no-binary b",
        "-r a-named.txt --only-binary b",
    ],
)
def test_which_files_may_be_taken_counts_on_any_line(line: str) -> None:
    Path("a-named.txt").write_text("a\n")
    Path("r.txt").write_text(f"{line}\n")
    options = read_lines(Path("r.txt"), layer="x", environment=VARIABLES).options
    ours = [
        {each.value for each in options if each.name == name}
        for name in ("--no-binary", "--only-binary")
    ]
    assert tuple(ours) == pip_parser.formats("r.txt")


@pytest.mark.parametrize("line", BROKEN)
def test_what_pip_refuses_is_refused(line: str) -> None:
    assert both(line) == (None, None)


@pytest.mark.parametrize("line", OTHERWISE)
def test_what_is_taken_otherwise_than_by_pip_is_so_still(line: str) -> None:
    """Else it need not be listed any more."""
    theirs, ours = both(line)
    assert ours != theirs
