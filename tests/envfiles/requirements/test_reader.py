from __future__ import annotations

import pytest

import envfiles
from envfiles import Entry, EnvSpec, InvalidEntry, InvalidFile, read_conda
from envfiles.formats.conda_yaml import write_conda
from envfiles.formats.requirements_txt import write_requirements
from envfiles.requirements.reader import parse_requirements

HASH = "sha256:" + "0f" * 32


class TestLines:
    def test_hashes_behind_a_requirement_and_their_comments(self) -> None:
        text = (
            f"numpy==2.4.6 \\\n    --hash={HASH} \\\n    --hash {HASH.replace('0', '1')}\n"
            "    # via\n    #   pandas\n    #   scikit-learn\n"
            "own==1  # imported by the model\n    # train.py:3\n"
        )
        numpy, own = parse_requirements(text).entries()
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
        assert parse_requirements(text).spelled_options() == (
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
        assert sorted(parse_requirements(text).spelled_unnamed()) == sorted(
            [
                "-e ./here[x]",
                "./w/a-1-py3-none-any.whl",
                "https://h/b.tar.gz#egg=b",
                "git+https://h/c@1f#egg=c",
                "d-1.zip ; python_version < '3'",
            ]
        )

    def test_two_lines_on_one_name_narrow_it(self) -> None:
        (entry,) = parse_requirements("numpy>=1\nNumPy[x]<3\n").entries()
        assert entry.requirement == "numpy[x]<3,>=1"

    def test_two_lines_with_hashes_on_one_name_narrow_them(self) -> None:
        one, two, three = (f"--hash=sha256:{digit * 64}" for digit in "123")
        for lines in (f"a==1 {one} {two}\na==1 {two} {three}\n", f"a {two}\na==1\n"):
            (entry,) = parse_requirements(lines).entries()
            assert entry.hashes == ("sha256:" + "2" * 64,)
        with pytest.raises(InvalidFile, match=r"r\.txt:1 names other hashes of it"):
            parse_requirements(f"a==1 {one}\na==1 {two}\n", file="r.txt").entries()

    def test_windows_line_ends_are_line_ends(self) -> None:
        assert [
            e.name
            for e in parse_requirements("\ufeffa==1\r\nb==1 \\\r\n; os_name=='nt'\r\n").entries()
        ] == ["a", "b"]

    def test_a_hash_that_no_file_can_have_is_read_as_pip_reads_it_and_never_written(self) -> None:
        (entry,) = parse_requirements("a==1 --hash=SHA256:00".replace("SHA", "sha")).entries()
        assert entry.hashes == ("sha256:00",)
        spec = EnvSpec(python="3.11.7", requirements=(entry,))
        for write in (write_requirements, write_conda):
            with pytest.raises(InvalidEntry, match="'sha256:00': is no hash"):
                write(spec)

    def test_what_a_build_is_told_stays_with_its_requirement(self) -> None:
        text = "a==1 --config-settings=x=y -C '--build-option=--fast it'  # via b"
        (entry,) = parse_requirements(text).entries()
        assert (entry.settings, entry.comment) == (("x=y", "--build-option=--fast it"), "via b")
        spec = EnvSpec(python="3.11.7", requirements=(entry,), unnamed=("-e ./x -C a=b",))
        assert spec.unnamed == ("-e ./x --config-settings a=b",)
        for content in (
            parse_requirements(write_requirements(spec)),
            read_conda(write_conda(spec)).pip,
        ):
            assert [each.settings for each in content.entries()] == [entry.settings]
            assert content.spelled_unnamed() == spec.unnamed

    @pytest.mark.parametrize(
        ("line", "ignored"),
        [
            (f"--hash={HASH}", "--hash"),
            ("numpy --pre", "--pre"),
            ("--pre numpy", "numpy"),
            ("numpy -r gone.txt", "--requirement"),
            ("--index-url=", "--index-url"),
            ("numpy --global-option=x", "--global-option"),
        ],
    )
    def test_what_pip_passes_over_is_passed_over_with_a_word(self, line: str, ignored: str) -> None:
        found = parse_requirements(f"ok\n{line}\n", file="r.txt")
        assert [str(each) for each in found.ignored] == [f"r.txt:2: pip passes over {ignored}"]

    @pytest.mark.parametrize(
        "line",
        [
            "a==1 --hash=md5:00",
            "a==1 --config-settings=x",
            "--con x",
            "-i",
            "--index-url 'x",
            "--unknown",
            "--pre=1",
            "-e",
        ],
    )
    def test_what_pip_refuses_is_refused_with_its_line(self, line: str) -> None:
        with pytest.raises(InvalidFile, match=r"^r.txt:2: "):
            parse_requirements(f"ok\n{line}\n", file="r.txt")


def test_a_path_may_say_the_name_of_its_project(tmp_path):
    # As pdm exports an editable project; uv takes it, too.
    (tmp_path / "list.txt").write_text("-e ./own#egg=own-code\n./other#egg=more[x]\n")
    read = envfiles.read_requirements(tmp_path / "list.txt", with_names=True, folder=tmp_path)
    named = [each.requirement for each in read.requirements if each.requirement]
    names = [(each.name, each.url) for each in named]
    own, other = ((tmp_path / each).as_uri() for each in ("own", "other"))
    assert names == [("own-code", f"{own}#egg=own-code"), ("more", f"{other}#egg=more")]
