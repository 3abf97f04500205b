"""A resolution as of a moment: what an index received later does not exist."""

from __future__ import annotations

import pytest

from resolver import (
    ConflictError,
    IndexSettings,
    Installed,
    Target,
    WheelFolder,
    find_artifacts,
    lacking,
    merge,
    read_moment,
    resolve,
)
from resolver.errors import MomentError
from resolver.index.cache import HttpCache
from resolver.index.fetcher import Fetcher
from resolver.index.session import Access
from resolver.sources.index import IndexSource, LinksPage

from .index_server import answer, pins, wheel

MOMENT = read_moment("2024-03-01T12:00:00Z")
FORMS = {"json": True, "html": False}


@pytest.fixture
def make(index, world):
    """Make the index a source that is asked as of a moment."""
    fetchers = []

    def source(as_of=MOMENT, *, of=IndexSource, cache=None, url="", **options):
        fetchers.append(Fetcher(offline=options.pop("offline", False)))
        access = Access(fetchers[-1], HttpCache(cache))
        return of(url or index.url, world.target(), access, as_of=as_of, **options)

    yield source
    for each in fetchers:
        each.close()


@pytest.fixture
def dated(index):
    """Three versions of a, of which two were there before the moment."""
    index.add("a", "1.0", uploaded="2024-01-01T00:00:00Z", offered=True)
    index.add("a", "2.0", uploaded="2024-03-01T11:59:59.999999Z", offered=True)
    index.add("a", "3.0", uploaded="2024-03-01T12:00:00.000000Z", offered=True)
    return index


def newest(world, source, *lines, **options):
    """Resolve among all that there is, whatever is installed."""
    wanted = merge([], pip_requirements=lines, target=world.target())
    return resolve(
        wanted, world.installed(), sources=[source], index="never", prefer="newest", **options
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_was_uploaded_at_the_moment_or_later_does_not_count(world, dated, make, form):
    dated.json = FORMS[form]
    assert pins(answer(world, [make()], "a")) == ["a==2.0"]
    assert pins(answer(world, [make(None)], "a")) == ["a==3.0"]


def test_nothing_is_fetched_of_a_later_file(world, dated, make):
    dated.add("b", "1.0", uploaded="2023-01-01T00:00:00Z", offered=True, requires=["a>=1"])
    answer(world, [make()], "b", "a")
    assert [each for each in dated.asked if "a-2.0" in each]
    assert not [each for each in dated.asked if "a-3.0" in each]


def test_a_wheel_that_came_later_is_no_file_of_an_older_release(world, index, make):
    index.add_source("a", "1.0", uploaded="2024-01-01T00:00:00Z")
    index.add("a", "1.0", uploaded="2025-01-01T00:00:00Z")
    (pin,) = answer(world, [make()], "a").pins
    assert [each.file for each in pin.artifacts] == ["a-1.0.tar.gz"]
    (pin,) = answer(world, [make(None)], "a").pins
    assert pin.artifacts[0].file == "a-1.0-py3-none-any.whl"


def test_a_refusal_says_what_came_later_and_when(world, dated, make):
    dated.add("a", "4.0", uploaded="2025-06-07T08:09:10Z")
    with pytest.raises(ConflictError) as caught:
        answer(world, [make()], "a>=3")
    said = "Uploaded after 2024-03-01T12:00:00Z: 3.0 (2024-03-01), 4.0 (2025-06-07)."
    assert said in str(caught.value)
    with pytest.raises(ConflictError) as caught:
        answer(world, [make(read_moment("2020-01-01"))], "a==2.0")
    assert "Uploaded after 2020-01-02T00:00:00Z (the end of 2020-01-01): 2.0 (2024-03-01)." in str(
        caught.value
    )
    with pytest.raises(ConflictError) as caught:
        answer(world, [make()], "a>=5")
    assert "Uploaded after" not in str(caught.value)


# Where a page does not say when


def test_files_of_no_known_time_are_told_and_wait_for_a_pin(world, index, make):
    index.add("a", "1.0")
    index.add("a", "2.0", uploaded="some day")
    with pytest.raises(ConflictError) as caught:
        answer(world, [make()], "a")
    said = str(caught.value)
    assert "Not 2.0, 1.0: its index does not say when it received it, so only a pin" in said
    page = f"{index.url}/a/"
    assert f"{page} does not say when it received a-1.0-py3-none-any.whl, a-2.0-py3" in said
    assert "as of 2024-03-01T12:00:00Z" in said
    found = answer(world, [make()], "a==1.0")
    assert pins(found) == ["a==1.0"]
    assert any("does not say when it received a-1.0" in note for note in found.notes)


def test_a_file_that_has_a_time_comes_before_one_that_has_none(world, dated, make):
    dated.add("a", "2.5")
    found = answer(world, [make()], "a")
    assert pins(found) == ["a==2.0"]
    (note,) = found.notes
    assert "does not say when it received a-2.5-py3-none-any.whl (upload-time" in note
    dated.add("a", "2.0", file="a-2.0-1-py3-none-any.whl")
    (pin,) = answer(world, [make()], "a==2.0").pins
    assert [each.file for each in pin.artifacts] == ["a-2.0-py3-none-any.whl"]


def test_of_two_indexes_the_one_that_says_when_is_believed(world, dated, make, tmp_path):
    folder = tmp_path / "simple" / "a"
    folder.mkdir(parents=True)
    links = (f'<a href="{dated.url[:-7]}/files/{file}">{file}</a>' for file in dated.files)
    (folder / "index.html").write_text("".join(links))
    urls = ((tmp_path / "simple").as_uri(), dated.url)
    assert pins(answer(world, [make(url=urls, every=True)], "a")) == ["a==2.0"]
    with pytest.raises(ConflictError, match="answers for it alone"):
        answer(world, [make(url=urls)], "a")


def test_a_folder_of_the_user_counts_whenever_it_was_made(world, dated, make, tmp_path):
    (tmp_path / "a-3.0-py3-none-any.whl").write_bytes(wheel("a", "3.0", filling=1))
    found = answer(world, [WheelFolder(tmp_path, world.target()), make()], "a")
    assert [(str(pin.version), pin.source) for pin in found.pins] == [("3.0", "wheels")]


def test_a_page_of_links_is_asked_as_an_index_is(world, dated, make):
    page = make(of=LinksPage, url=f"{dated.url}/a/")
    assert pins(answer(world, [page], "a")) == ["a==2.0"]


# What was withdrawn since


def test_what_is_withdrawn_now_waits_for_a_pin_and_says_why(world, dated, make):
    dated.add("a", "2.1", uploaded="2024-02-01T00:00:00Z", yanked="breaks b")
    assert pins(answer(world, [make()], "a")) == ["a==2.0"]
    found = answer(world, [make()], "a==2.1")
    assert pins(found) == ["a==2.1"]
    assert 'a 2.1 was withdrawn (yanked: "breaks b"): it is taken as a line pins it' in found.notes


# What is installed


def test_what_ran_stays_unless_the_newest_is_asked_for(world, dated, make):
    world.add("a", "3.0")
    assert pins(answer(world, [make()], "a")) == ["a==3.0"]
    assert pins(newest(world, make(), "a")) == ["a==2.0"]
    assert pins(newest(world, make(None), "a")) == ["a==3.0"]
    with pytest.raises(ConflictError, match=r"Not 3\.0: it was uploaded on 2024-03-01"):
        newest(world, make(), "a==3.0")


def test_what_is_installed_and_on_no_index_counts(world, dated, make):
    world.add("a", "2.9+here")
    assert pins(newest(world, make(), "a")) == ["a==2.9+here"]


def test_what_is_installed_is_of_no_known_time_where_its_index_tells_none(world, dated, make):
    dated.add("a", "9.0")
    world.add("a", "9.0")
    assert pins(newest(world, make(), "a")) == ["a==2.0"]
    assert pins(newest(world, make(), "a==9.0")) == ["a==9.0"]


# What is kept, and who asks


def test_times_and_reasons_are_kept_with_the_page(world, dated, make, tmp_path):
    dated.hashes = True
    dated.add("a", "0.9", uploaded="2023-01-01T00:00:00Z", yanked="too old")
    answer(world, [make(None, cache=tmp_path)], "a==0.9")
    asked = len(dated.asked)
    found = answer(world, [make(cache=tmp_path, offline=True)], "a==0.9")
    assert (pins(found), len(dated.asked)) == (["a==0.9"], asked)
    assert found.pins[0].artifacts[0].uploaded == "2023-01-01T00:00:00Z"
    assert "too old" in found.notes[0]


def test_files_of_pins_bear_their_times_and_later_ones_are_none(world, dated, make):
    dated.hashes = True
    dated.add("a", "2.0", tag="py3-none-any", file="a-2.0-2-py3-none-any.whl",
              uploaded="2025-01-01T00:00:00Z")  # fmt: skip
    pin = answer(world, [make()], "a").pins
    found = find_artifacts(pin, world.target(), sources=[make()])
    assert [(each.file, each.uploaded) for each in found.files["a"]] == [
        ("a-2.0-py3-none-any.whl", "2024-03-01T11:59:59.999999Z")
    ]
    assert len(find_artifacts(pin, world.target(), sources=[make(None)]).files["a"]) == 2


def test_the_configured_index_is_asked_as_of_what_is_said_last(dated, pip_config, tmp_path):
    pip_config(f"[global]\nindex-url = {dated.url}\n")
    target = Target.current()
    wanted = merge([], pip_requirements=["a"], target=target)
    settings = IndexSettings(cache=tmp_path / "cache", as_of=MOMENT)

    def chosen(**options):
        return resolve(wanted, Installed([], target), settings=settings, **options)

    assert pins(chosen()) == ["a==2.0"]
    assert pins(chosen(as_of="2024-01-01")) == ["a==1.0"]
    newest = chosen(as_of="2100-01-01")
    assert pins(newest) == ["a==3.0"]
    # That it came later is no reason to think that nobody else can have it.
    assert lacking(newest.pins, target, ask=True, settings=settings) == {}


def chosen(world, *lines, **options):
    """Resolve from what pip is configured with."""
    wanted = merge([], pip_requirements=lines, target=world.target())
    return pins(resolve(wanted, world.installed(), prefer="newest", **options))


@pytest.mark.parametrize("form", FORMS)
def test_what_pip_is_configured_with_counts(world, dated, make, pip_config, form):
    dated.json = FORMS[form]
    pip_config(
        f"[global]\nindex-url = {dated.url}\n[install]\nuploaded-prior-to = 2024-03-01T00:00Z\n"
    )
    assert chosen(world, "a") == ["a==1.0"]
    assert chosen(world, "a", as_of=MOMENT) == ["a==2.0"]  # who asks has the last word
    with pytest.raises(ConflictError, match=r"\(uploaded-prior-to of pip\): 2.0 \(2024-03-01\)"):
        chosen(world, "a>1")
    pin = answer(world, [make()], "a").pins
    found = find_artifacts(pin, world.target())
    assert "later than it is asked as of (uploaded-prior-to of pip)" in str(found.missing)


def test_pips_days_ago_are_counted_from_now(world, dated, pip_config, monkeypatch):
    pip_config(f"[global]\nindex-url = {dated.url}\n")
    monkeypatch.setenv("PIP_UPLOADED_PRIOR_TO", "P7D")
    assert chosen(world, "a") == ["a==3.0"]
    monkeypatch.setenv("PIP_UPLOADED_PRIOR_TO", "P100000D")
    with pytest.raises(ConflictError, match="Uploaded after"):
        chosen(world, "a")


def test_a_moment_of_pips_that_is_none_is_named(world, dated, pip_config):
    pip_config(f"[global]\nindex-url = {dated.url}\nuploaded-prior-to = last week\n")
    with pytest.raises(MomentError, match=r"'last week' .* \(uploaded-prior-to of pip"):
        chosen(world, "a")


def test_a_local_index_that_says_no_time_counts_for_pips(world, pip_config, tmp_path):
    files = tmp_path / "simple" / "a"
    files.mkdir(parents=True)
    (files / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    (files / "index.html").write_text('<a href="a-1.0-py3-none-any.whl">a</a>')
    place = files.parent.as_uri()
    pip_config(f"[global]\nindex-url = {place}\nuploaded-prior-to = 2024-03-01\n")
    assert chosen(world, "a") == ["a==1.0"]
    with pytest.raises(ConflictError, match="does not say when"):
        chosen(world, "a", as_of=MOMENT)


def test_a_name_of_which_all_is_later_has_files(world, dated, make):
    early = read_moment("2000-01-01")
    with pytest.raises(ConflictError, match=r"Uploaded after .*: 1\.0 \(2024-01-01\)") as raised:
        answer(world, [make(early)], "a")
    assert "names no file" not in str(raised.value)
    pin = answer(world, [make()], "a").pins
    (missing,) = find_artifacts(pin, world.target(), sources=[make(early)]).missing
    assert missing == "a 2.0: its index received it on 2024-03-01, later than it is asked as of"
