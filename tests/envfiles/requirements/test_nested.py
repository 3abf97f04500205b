from __future__ import annotations

from pathlib import Path

import pytest

from envfiles import Entry, InvalidFile, read_folder, read_requirements_file
from envfiles.requirements.file import read_requirements
from envfiles.requirements.nested import follow

HASH = "sha256:" + "0f" * 32


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_files_are_followed_from_the_file_that_names_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "requirements.txt": "-r base/b.txt\n--requirement='base/b.txt'\npandas==3  # mine\n",
            "base/b.txt": "-c ../limits.txt\n-rmore.txt\n--pre\nNumPy\n",
            "base/more.txt": "numpy>=2\n-e ./own\n",
            "limits.txt": "numpy<3\n",
        },
    )
    found = read_requirements_file(tmp_path / "requirements.txt")
    assert [each.requirement for each in found.lines.entries] == ["pandas==3", "numpy>=2"]
    assert found.constraints == ("numpy<3",)
    assert (found.lines.options, found.lines.unnamed) == (("--pre",), ("-e ./own",))


def test_an_index_that_a_named_file_says_again_counts_there(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"r.txt": "-i https://b\n-r base.txt\n", "base.txt": "-i https://a\n-i https://b\n"},
    )
    found = read_requirements_file(tmp_path / "r.txt")
    assert found.lines.options == ("--index-url https://a", "--index-url https://b")


def test_constraints_may_name_further_constraints(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "r.txt": "numpy\n-c c/a.txt\n",
            "c/a.txt": "-c b.txt\n-r d.txt\nNumPy<3\n",
            "c/b.txt": "pandas<4",
            "c/d.txt": "scipy<2",
            "bad.txt": "-c extra.txt",
            "extra.txt": "a\nb[x]<2",
        },
    )
    found = read_requirements_file(tmp_path / "r.txt")
    assert found.constraints == ("numpy<3", "pandas<4", "scipy<2")
    assert [each.name for each in found.lines.entries] == ["numpy"]
    with pytest.raises(InvalidFile, match=r"extra.txt:2: .*takes no extras"):
        read_requirements_file(tmp_path / "bad.txt")


def test_a_circle_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "-r b.txt", "b.txt": "x\n-r a.txt"})
    with pytest.raises(InvalidFile, match=r"a.txt:1: .*include each other"):
        read_requirements_file(tmp_path / "a.txt")


def test_a_wide_tree_of_files_has_an_end(tmp_path: Path) -> None:
    for depth in range(12):
        write(tmp_path, {f"{depth}.txt": f"-r {depth + 1}.txt\n-r {depth + 1}.txt\n"})
    write(tmp_path, {"12.txt": "a"})
    with pytest.raises(InvalidFile, match="more than 200 files"):
        read_requirements_file(tmp_path / "0.txt")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-r gone.txt", "requirements file 'gone.txt' is not there"),
        ("-c gone.txt", "constraints file 'gone.txt' is not there"),
        ("-r https://host/r.txt", "on the network is not read"),
        ("-r .", r"^r\.txt:2: the requirements file '\.': is no file"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_line(
    tmp_path: Path, line: str, reason: str
) -> None:
    lines = read_requirements(f"a\n{line}", file="r.txt")
    with pytest.raises(InvalidFile, match=reason):
        follow(lines, tmp_path)


def test_a_model_folder_reads_no_file_outside_of_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "secret.txt": "password\n",
            "model/requirements.txt": "a\n-r ../secret.txt\n",
            "model/python_env.yaml": "python: 3.11.7\n",
        },
    )
    with pytest.raises(InvalidFile, match=r"^requirements.txt:2: .* is outside the folder"):
        read_folder(tmp_path / "model")
    (tmp_path / "model" / "requirements.txt").write_text("-r link.txt\n")
    (tmp_path / "model" / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InvalidFile, match="is outside the folder"):
        read_folder(tmp_path / "model")


def test_nothing_in_a_file_runs(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "requirements.txt": "-e .\n./setup.py\n",
            "setup.py": "raise SystemExit(1)",
            "conda.yaml": "!!python/object/apply:os.system ['touch pwned']",
            "python_env.yaml": "python: 3.11.7\n",
        },
    )
    with pytest.raises(InvalidFile):
        read_folder(tmp_path)
    assert not (tmp_path / "pwned").exists()


class TestLines:
    def test_hashes_behind_a_requirement_and_their_comments(self) -> None:
        text = (
            f"numpy==2.4.6 \\\n    --hash={HASH} \\\n    --hash {HASH.replace('0', '1')}\n"
            "    # via\n    #   pandas\n    #   scikit-learn\n"
            "own==1  # imported by the model\n    # train.py:3\n"
        )
        numpy, own = read_requirements(text).entries
        assert numpy == Entry(
            "numpy==2.4.6", "via pandas, scikit-learn", (HASH, HASH.replace("0", "1"))
        )
        assert own == Entry("own==1", "imported by the model", (), ("train.py:3",))

    def test_options_in_every_spelling(self) -> None:
        text = (
            "-i https://h/a\n--index-url=https://h/a\n--extra-index-url 'https://h/b'\n"
            "-f ./wheels --no-index\n--trusted-host h\n--only-binary :all:\n"
            "--only-final=:all: --all-releases a\n--no-require-hashes\n"
        )
        assert read_requirements(text).options == (
            "--index-url https://h/a",
            "--extra-index-url https://h/b",
            "--find-links ./wheels",
            "--no-index",
            "--trusted-host h",
            "--only-binary :all:",
            "--only-final :all:",
            "--all-releases a",
            "--no-require-hashes",
        )

    def test_lines_without_a_name_are_kept_as_they_are(self) -> None:
        text = (
            "-e ./here[x]\n./w/a-1-py3-none-any.whl\nhttps://h/b.tar.gz#egg=b\n"
            "git+https://h/c@1f#egg=c\nd-1.zip ; python_version < '3'\n"
        )
        assert sorted(read_requirements(text).unnamed) == sorted(
            [
                "-e ./here[x]",
                "./w/a-1-py3-none-any.whl",
                "https://h/b.tar.gz#egg=b",
                "git+https://h/c@1f#egg=c",
                "d-1.zip ; python_version < '3'",
            ]
        )

    def test_two_lines_on_one_name_narrow_it(self) -> None:
        (entry,) = read_requirements("numpy>=1\nNumPy[x]<3\n").entries
        assert entry.requirement == "numpy[x]<3,>=1"

    def test_windows_line_ends_are_line_ends(self) -> None:
        assert [
            e.name
            for e in read_requirements("\ufeffa==1\r\nb==1 \\\r\n; os_name=='nt'\r\n").entries
        ] == ["a", "b"]

    @pytest.mark.parametrize(
        "line",
        [
            "a==1 --hash=md5:00",
            "a==1 --hash=sha256:00",
            "a==1 --config-settings=x=y",
            "--hash=" + HASH,
            "-i",
            "--index-url 'x",
            "--unknown",
            "--pre=1",
            "-e",
        ],
    )
    def test_what_pip_refuses_is_refused_with_its_line(self, line: str) -> None:
        with pytest.raises(InvalidFile, match=r"^r.txt:2: "):
            read_requirements(f"ok\n{line}\n", file="r.txt")
