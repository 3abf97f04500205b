from __future__ import annotations

from pathlib import Path

import pytest

from envfiles import InvalidFile, read_folder, read_requirements
from envfiles.lists.nested import follow
from envfiles.requirements.reader import parse_requirements


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
    found = read_requirements(tmp_path / "requirements.txt")
    assert [each.requirement for each in found.entries()] == ["numpy>=2", "pandas==3"]
    assert found.spelled_constraints() == ("numpy<3",)
    assert (found.spelled_options(), found.spelled_unnamed()) == (("--pre",), ("-e ./own",))


def test_an_index_that_a_named_file_says_again_counts_there(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"r.txt": "-i https://b\n-r base.txt\n", "base.txt": "-i https://a\n-i https://b\n"},
    )
    found = read_requirements(tmp_path / "r.txt")
    assert found.spelled_options() == ("--index-url https://a", "--index-url https://b")


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
    found = read_requirements(tmp_path / "r.txt")
    assert found.spelled_constraints() == ("numpy<3", "pandas<4", "scipy<2")
    assert [each.name for each in found.entries()] == ["numpy"]
    with pytest.raises(InvalidFile, match=r"extra.txt:2: .*takes no extras"):
        read_requirements(tmp_path / "bad.txt")


def test_a_circle_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "-r b.txt", "b.txt": "x\n-r a.txt"})
    with pytest.raises(
        InvalidFile, match=r"b.txt:2: .*include each other: .*a.txt -> .*b.txt -> .*a.txt"
    ):
        read_requirements(tmp_path / "a.txt")


def test_a_wide_tree_of_files_has_an_end(tmp_path: Path) -> None:
    for depth in range(12):
        write(tmp_path, {f"{depth}.txt": f"-r {depth + 1}.txt\n-r {depth + 1}.txt\n"})
    write(tmp_path, {"12.txt": "a"})
    with pytest.raises(InvalidFile, match="more than 200 files"):
        read_requirements(tmp_path / "0.txt")


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
    lines = parse_requirements(f"a\n{line}", file="r.txt")
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
