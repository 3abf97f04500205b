"""Effects of option lines, hashes and URLs in requirements files."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile

import pytest
from packaging.requirements import Requirement

from envfiles import InvalidFile
from modelenv.pins.lines import read_lines
from resolver import ConflictError, Origin, Resolution, find_artifacts, resolve
from resolver import merge as merge_lines
from resolver.errors import ContradictoryLinesError, SourceError
from resolver.index.option_lines import apply_options, formats_of
from resolver.index.pip_config import PipOptions
from resolver.requirements.per_name_options import FORMATS, RELEASES, ByName
from resolver.requirements.references import hide_logins
from resolver.settings import IndexSettings
from resolver.sources.wheels import WheelFolder

from ..resolver.conftest import World


def read(given, *, layer="x", environment=None):
    return read_lines(
        given, layer=layer, environment=environment or {}, constraint=layer == "constraints"
    )


def merge(traced, *, target, environment=None, **given):
    """Merge lines as a user gives them: a file or a list, with variables and options."""
    layers = {
        layer: read(lines, layer=layer, environment=environment) for layer, lines in given.items()
    }
    return merge_lines(traced, target=target, **layers)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


class Shop:
    """Folders of files, and a pip that is configured with one index on disk."""

    def __init__(self, root, world):
        self.root = root
        self.world = world
        self.configured = self.index("configured")

    def index(self, name, **files):
        """Make an index of wheels, `{"a": ["1.0"]}`, and return its URL."""
        folder = self.root / name
        for each, versions in files.items():
            page = folder / each
            page.mkdir(parents=True)
            links = [wheel(page, each, version).name for version in versions]
            text = "".join(f'<a href="{file}">{file}</a>\n' for file in links)
            (page / "index.html").write_text(text)
        folder.mkdir(exist_ok=True)
        return folder.as_uri()

    def asks(self, *lines, environment=None, **more):
        """Resolve the lines of a file."""
        file = self.root / "project" / "requirements.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(lines))
        here = self.world.installed()
        wanted = merge(
            [], pip_requirements=str(file), environment=environment, target=here.target, **more
        )
        return resolve(wanted, here, settings=IndexSettings())

    def pins(self, *lines, **more):
        return [str(pin.requirement) for pin in self.asks(*lines, **more).pins]


def wheel(folder, name, version, *, tag="py3-none-any", requires=(), pad=""):
    info = f"{name}-{version}.dist-info"
    head = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", "\n".join(["Metadata-Version: 2.1", *head, "", pad]))
    return path


def source(folder, name, version):
    """Write a source distribution that states its metadata (PEP 643)."""
    path = folder / f"{name}-{version}.tar.gz"
    text = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n".encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return path


def sha256(path):
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def shop(tmp_path, world, monkeypatch):
    made = Shop(tmp_path, world)
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\nindex-url = {made.configured}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return made


# Where files are found


def test_an_index_that_a_file_names_stands_for_those_that_are_configured(shop):
    shop.index("configured/", b=["1.0"])
    mine = shop.index("mine", a=["2.0"])
    assert shop.pins(f"-i {mine}", "a") == ["a==2.0"]
    with pytest.raises(ConflictError, match="no other source has it"):
        shop.asks(f"-i {mine}", "b")


def test_an_extra_index_is_asked_before_the_configured_one(shop):
    shop.index("configured/", a=["9.0"], b=["1.0"])
    mine = shop.index("mine", a=["2.0"])
    assert shop.pins(f"--extra-index-url {mine}", "a", "b") == ["a==2.0", "b==1.0"]


def test_files_are_found_in_a_folder_beside_the_file_that_names_it(shop):
    folder = shop.root / "project" / "wheels"
    folder.mkdir(parents=True)
    wheel(folder, "a", "3.0")
    assert shop.pins("--find-links wheels", "a") == ["a==3.0"]
    assert shop.pins("--no-index", "--find-links wheels", "a") == ["a==3.0"]


def test_a_list_may_hold_options_too(shop):
    mine = shop.index("mine", a=["2.0"])
    here = shop.world.installed()
    wanted = merge([], pip_requirements=[f"-i {mine}", "a"], target=here.target)
    assert str(resolve(wanted, here, settings=IndexSettings()).pins[0].requirement) == "a==2.0"


def test_no_index_means_that_none_is_asked(shop):
    shop.index("configured/", a=["9.0"])
    with pytest.raises(ConflictError, match="no other source has it"):
        shop.asks("--no-index", "a")


def test_of_several_indexes_the_last_one_stands_for_all_and_extra_ones_come_first():
    lines = ["-i https://a", "--extra-index-url https://x", "-i https://b", "--trusted-host x"]
    before = PipOptions(indexes=("https://extra", "https://main"), trusted_hosts=("y",))
    after = apply_options(before, read(lines).options)
    assert after.indexes == ("https://x", "https://b")
    assert after.trusted_hosts == ("y", "x")


def test_what_a_variable_holds_is_used_and_said_nowhere(shop):
    lines = ["-i http://me:${TOKEN}@127.0.0.1:9/simple", "a"]
    with pytest.raises(SourceError) as caught:
        shop.asks(*lines, environment={"TOKEN": "s3cret"})
    assert "127.0.0.1:9" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    (shop.root / "project" / "one.txt").write_text("-i https://${TOKEN}@host --pre")
    options = read(str(shop.root / "project" / "one.txt"), environment={"TOKEN": "s3cret"}).options
    assert [each.value for each in options] == ["https://s3cret@host", ""]
    assert [each.written for each in options] == ["https://${TOKEN}@host", ""]
    assert "s3cret" not in repr(options)


def test_a_lock_looks_for_files_where_the_lines_say(shop):
    mine = shop.index("mine", a=["2.0"])
    target = shop.world.installed().target
    pin = shop.asks(f"-i {mine}", "a").pins[0]
    assert not find_artifacts([pin], target).complete
    lines = read([f"--extra-index-url {mine}"]).options
    found = find_artifacts([pin], target, options=lines)
    assert [file.file for file in found.files["a"]] == ["a-2.0-py3-none-any.whl"]


# Which files may be taken


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ([], "whl"),
        (["--no-binary :all:"], "gz"),
        (["--no-binary=A"], "gz"),
        (["--no-binary b"], "whl"),
        (["--no-binary :all:", "--only-binary a"], "whl"),
        (["--no-binary a", "--no-binary :none:"], "whl"),
    ],
)
def test_wheels_or_sources_may_be_refused(shop, options, kind):
    folder = shop.root / "project" / "files"
    folder.mkdir(parents=True)
    wheel(folder, "a", "1.0")
    source(folder, "a", "1.0")
    (pin,) = shop.asks("-f files", *options, "a").pins
    assert pin.artifacts[0].file.endswith(kind)


def test_a_name_of_which_no_source_may_be_taken_has_only_its_wheels(shop):
    folder = shop.root / "project" / "files"
    folder.mkdir(parents=True)
    wheel(folder, "a", "1.0")
    source(folder, "a", "2.0")
    assert shop.pins("-f files", "a") == ["a==2.0"]
    assert shop.pins("-f files", "--only-binary=:all:", "a") == ["a==1.0"]


def test_the_configuration_of_pip_may_refuse_kinds_and_a_line_has_the_last_word():
    before = PipOptions(no_wheels=":all:", no_sources="b")
    said = formats_of(before, read(["--only-binary a"]).options)
    assert [said.of(name) for name in "abc"] == ["--only-binary", "--only-binary", "--no-binary"]


def test_pre_releases_are_as_good_as_others_where_a_line_says_so(shop):
    mine = shop.index("mine", a=["1.0", "2.0rc1"], b=["1.0", "2.0rc1"])
    assert shop.pins(f"-i {mine}", "a") == ["a==1.0"]
    assert shop.pins(f"-i {mine}", "--pre", "a", "b") == ["a==2.0rc1", "b==2.0rc1"]
    assert shop.pins(f"-i {mine}", "--all-releases a", "a", "b") == ["a==2.0rc1", "b==1.0"]


def test_pre_releases_may_be_refused_even_where_nothing_else_is(shop):
    mine = shop.index("mine", a=["2.0rc1"])
    assert shop.pins(f"-i {mine}", "a") == ["a==2.0rc1"]
    with pytest.raises(ConflictError, match=r"Not 2\.0rc1: it is a pre-release"):
        shop.asks(f"-i {mine}", "--only-final :all:", "a")
    shop.world.add("a", "2.0rc1")
    assert shop.pins("--only-final :all:", "a") == ["a==2.0rc1"]


def test_what_is_said_last_of_a_name_counts():
    lines = ["--no-binary a,b", "--only-binary B", "--pre", "--only-final c"]
    options = read(lines).options
    formats, releases = ByName.of_options(options, FORMATS), ByName.of_options(options, RELEASES)
    assert [formats.of(name) for name in "abc"] == ["--no-binary", "--only-binary", ""]
    assert [releases.of(name) for name in "ac"] == ["--all-releases", "--only-final"]


# Hashes


@pytest.fixture
def hashed(shop):
    """Two versions of `a` in a folder, `old` and `new`."""
    folder = shop.root / "project" / "files"
    folder.mkdir(parents=True)
    shop.old, shop.new = wheel(folder, "a", "1.0"), wheel(folder, "a", "2.0")
    return shop


def test_only_a_file_that_bears_one_of_the_hashes_is_chosen(hashed):
    line = f"a --hash={sha256(hashed.old)} --hash={sha256(hashed.root / 'pip.conf')}"
    assert hashed.pins("-f files", line) == ["a==1.0"]
    digest = hashlib.sha512(hashed.new.read_bytes()).hexdigest()
    assert hashed.pins("-f files", f"a --hash=sha512:{digest}") == ["a==2.0"]


def test_hashes_that_no_file_bears_are_the_reason_of_a_conflict(hashed):
    with pytest.raises(ConflictError) as caught:
        hashed.asks("-f files", f"a==2.0 --hash={sha256(hashed.old)}")
    assert "Not 2.0: none of its files has a hash that the requirements name" in str(caught.value)
    limit = [f"a --hash={sha256(hashed.old)}"]
    with pytest.raises(ConflictError, match=r"drop constraints\[0\]: .*: it becomes a 2\.0"):
        hashed.asks("-f files", "a==2.0", constraints=limit)


def test_hashes_of_several_lines_must_all_fit_those_of_constraints_too(hashed):
    both = f"--hash={sha256(hashed.old)} --hash={sha256(hashed.new)}"
    limit = hashed.root / "limits.txt"
    limit.write_text(f"a --hash={sha256(hashed.old)}\n")
    assert hashed.pins("-f files", f"a {both}", constraints=str(limit)) == ["a==1.0"]
    with pytest.raises(ContradictoryLinesError) as caught:
        hashed.asks("-f files", f"a --hash={sha256(hashed.new)}", constraints=str(limit))
    assert {line.rpartition("/")[2] for line in caught.value.lines} == {
        "requirements.txt:2: a",
        "limits.txt:1: a",
    }


def test_a_pin_names_only_the_files_that_bear_a_hash(hashed):
    other = wheel(hashed.old.parent, "a", "1.0", tag="py3-none-linux_x86_64", pad="more")
    lines = ("-f files", f"a --hash={sha256(hashed.old)}")
    target = hashed.world.installed().target
    files = WheelFolder(other.parent, type(target)(target.markers, ("py3-none-linux_x86_64",)))
    assert [each.file for each in files.files(files.candidates("a")[0])] == [other.name]
    (pin,) = hashed.asks(*lines).pins
    assert [each.file for each in pin.artifacts] == [hashed.old.name]


def test_what_is_installed_stays_whatever_it_was_installed_from(hashed):
    hashed.world.add("a", "1.5")
    assert hashed.pins("-f files", f"a --hash={sha256(hashed.old)}") == ["a==1.5"]


# URLs in constraints


def test_a_url_in_a_constraint_says_which_file_and_asks_for_nothing(shop):
    file = wheel(shop.root, "b", "1.0")
    mine = shop.index("mine", a=["1.0"], b=["2.0"])
    limit = f"b @ {file.as_uri()}"
    assert shop.pins(f"-i {mine}", "a", constraints=[limit]) == ["a==1.0"]
    pinned = str(Requirement(limit))
    assert shop.pins(f"-i {mine}", "a", "b", constraints=[limit]) == ["a==1.0", pinned]
    with pytest.raises(ConflictError, match=r"constraints\[0\] allows only b ?@ file:"):
        shop.asks(f"-i {mine}", "b>=2", constraints=[limit])


def test_an_installed_one_from_elsewhere_gives_way_to_the_url_of_a_constraint(shop):
    shop.world.add("b", "3.0")
    file = wheel(shop.root, "b", "1.0")
    found = shop.asks("b", constraints=[f"b @ {file.as_uri()}"])
    assert [pin.requirement for pin in found.pins] == [Requirement(f"b @ {file.as_uri()}")]
    assert Resolution.from_json(found.to_json()) == found


# Without tolerance


def test_a_contradiction_that_is_not_tolerated_is_explained_with_edits_that_hold(world):
    world.add("a", "1.0", requires=["b<2"])
    world.add("b", "2.0")
    here = world.installed()
    wanted = merge([], pip_requirements=["a", "b"], target=here.target)
    assert resolve(wanted, here, index="never").notes
    for walk in (True, False):
        with pytest.raises(ConflictError) as caught:
            resolve(wanted, here, index="never", tolerant=False, walk=walk)
        assert "a 1.0 requires b<2" in str(caught.value)
        for edit in caught.value.edits:
            assert resolve(edit.apply(wanted), here, index="never", tolerant=False).pins


# Logins


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a @ https://me:s3cret@host/a.whl", "a @ https://****@host/a.whl"),
        ("-i https://s3cret@host/simple", "-i https://****@host/simple"),
        ("-i https://${USER}:${TOKEN}@host", "-i https://${USER}:${TOKEN}@host"),
        ("git+ssh://git@host/r.git", "git+ssh://git@host/r.git"),
        ("git+ssh://git:s3cret@host/r.git", "git+ssh://****@host/r.git"),
        ("a@b", "a@b"),
    ],
)
def test_a_login_is_hidden_and_the_rest_of_a_line_is_not(text, told):
    assert hide_logins(text) == told
    assert str(Origin("x", "x[0]", text)) == f"x[0]: {told}"


def test_no_answer_and_no_error_tells_a_login(shop):
    url = f"https://me:s3cret@host{wheel(shop.root, 'a', '1.0')}"
    shop.world.add("a", "1.0", direct_url={"url": url.replace("me:s3cret@", "")})
    found = shop.asks(f"a @ {url}")
    assert [str(pin.url) for pin in found.pins] == [url.replace("me:s3cret@", "")]
    assert "s3cret" not in found.to_json()
    with pytest.raises(ConflictError) as caught:
        shop.asks(f"-i {shop.index('mine', a=['2.0'])}", f"a @ {url}", "a>=2")
    assert "https://****@host" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_line_that_cannot_be_read_does_not_tell_what_its_variables_hold(shop):
    with pytest.raises(InvalidFile) as caught:
        shop.asks("a @ https://${TOKEN}@host/a.whl ; bogus", environment={"TOKEN": "s3cret"})
    assert "${TOKEN}" in str(caught.value)
    assert "s3cret" not in str(caught.value)
