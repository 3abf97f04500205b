"""Lines of requirements files, each read by pip's own parser too: what it means to pip counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from packaging.specifiers import SpecifierSet

from resolver import read
from resolver.errors import RequirementsError
from resolver.index.option_lines import apply_options
from resolver.index.pip_config import PipOptions

SHA256, SHA384 = "a" * 64, "b" * 96
DEFAULT = "https://default"

PIP_READS = """
import contextlib, io, json, sys
from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.req_install import check_invalid_constraint_type

def rows(file):
    session = PipSession()
    scope = SearchScope.create([], [DEFAULT], no_index=False)
    finder = PackageFinder.create(
        link_collector=LinkCollector(session=session, search_scope=scope),
        selection_prefs=SelectionPreferences(allow_yanked=False),
    )
    found = []
    for parsed in parse_requirements(file, session=session, finder=finder):
        made = install_req_from_parsed_requirement(parsed)
        if parsed.constraint and check_invalid_constraint_type(made):
            raise ValueError(file)
        hashes = (parsed.options or {}).get("hashes", {})
        found.append([
            made.req.name if made.req else None,
            str(made.req.specifier) if made.req and not made.link else "",
            sorted(made.extras),
            str(made.markers or ""),
            made.link.url if made.link else None,
            parsed.constraint,
            parsed.is_editable,
            sorted(each for kind in hashes.values() for each in kind),
        ])
    return [found, sorted(finder.index_urls), sorted(finder.find_links)]

answers = []
for number in range(int(sys.argv[1])):
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            answers.append(rows(f"{number}.txt"))
    except (Exception, SystemExit):
        answers.append(None)
print(json.dumps(answers))
"""

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
    *("numpy==1 -C k=v", f"numpy==1 --hash=sha256:{SHA256} --hash sha384:{SHA384}"),
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
    "numpy --pre": "pip passes over the option without a word",
    "--pre numpy": "pip passes over the name without a word",
    f"--hash=sha256:{SHA256}": "pip passes over a hash of nothing with a warning",
    "-r nested.txt -c limits.txt": "pip reads the first of the two files alone",
    "numpy==1 --global-option=x": "pip took it until 25; it is about building alone",
    "~/a-1.0-py3-none-any.whl": "pip looks for a folder named ~",
}
LINES = [*NAMED, *BROKEN, *PLACES, *OPTIONS, *JOINED, *OTHERWISE]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What pip makes of a file with each line, None where it refuses, and what is made here."""
    pytest.importorskip("pip", minversion="26.0")  # older ones take other options
    folder = tmp_path_factory.mktemp("lines")
    (folder / "proj").mkdir()
    for project in (folder, folder / "proj"):
        (project / "pyproject.toml").write_text('[project]\nname = "proj"\nversion = "1"\n')
    files = {
        "nested": "six",
        "limits": "six<2",
        "url": "six @ https://h/six-1.0.zip",
        "extras": "six[x]<2",
        "edited": "-e ./proj",
    }
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(f"{text}\n")
    for name in ("a-1.0-py3-none-any.whl", "a-1.0.tar.gz", "a-1.0.zip"):
        (folder / name).touch()
    (folder / "links").mkdir()
    for number, line in enumerate(LINES):
        (folder / f"{number}.txt").write_bytes(f"{line}\n".encode())
    variables = {"PKG": "numpy", "TOK": "token"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"DEFAULT = {DEFAULT!r}\n{PIP_READS}", str(len(LINES))],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, **variables},
    )
    before = os.getcwd()  # noqa: PTH109  # paths in files are relative to where one stands
    os.chdir(folder)
    try:
        ours = [_read(f"{number}.txt", variables) for number in range(len(LINES))]
    finally:
        os.chdir(before)
    theirs = [each and _comparable(*each) for each in json.loads(done.stdout)]
    return dict(zip(LINES, zip(theirs, ours, strict=True), strict=True))


def _read(file, variables):
    try:
        lines = read(file, layer="x", environment=variables)
    except RequirementsError:
        return None
    rows = [
        [
            line.requirement.name,
            "" if line.requirement.url else str(line.requirement.specifier),
            sorted(line.requirement.extras),
            str(line.requirement.marker or ""),
            line.requirement.url,
            line in lines.constraints,
            line.editable,
            sorted(each.partition(":")[2] for each in line.hashes),
        ]
        for line in (*lines.requirements, *lines.constraints)
    ]
    options = apply_options(PipOptions(indexes=(DEFAULT,)), lines.options)
    return _comparable(rows, sorted(options.indexes), sorted(options.find_links))


def _comparable(rows, indexes, folders):
    """Write a row so that it compares: pip does not know the name of what it would build."""
    rows = [
        [None if row[4] else row[0], SpecifierSet(row[1]), *row[2:]]
        for row in sorted(rows, key=str)
    ]
    return rows, indexes, [os.path.abspath(f) if "://" not in f else f for f in folders]  # noqa: PTH100


@pytest.mark.parametrize("line", [each for each in LINES if each not in OTHERWISE])
def test_a_line_means_what_it_means_to_pip(answers, line):
    theirs, ours = answers[line]
    assert ours == theirs


@pytest.mark.parametrize("line", BROKEN)
def test_what_pip_refuses_is_refused(answers, line):
    assert answers[line] == (None, None)


@pytest.mark.parametrize("line", OTHERWISE)
def test_what_is_taken_otherwise_than_by_pip_is_so_still(answers, line):
    """Else it need not be listed any more."""
    theirs, ours = answers[line]
    assert ours != theirs
