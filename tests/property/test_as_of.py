"""The rule of a resolution as of a moment: it is that of an index which holds no more than then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from resolver import ConflictError, Installed, Resolution, Target, merge, moment_text, resolve
from resolver.index.session import Access
from resolver.sources.index import IndexSource

if TYPE_CHECKING:
    from collections.abc import Iterable

TARGET = Target.of("3.12", "linux/x86_64")
NAMES = ("a", "b", "c")
VERSIONS = ("1.0", "2.0", "3.0rc1", "3.0")
BEGIN = datetime(2020, 1, 1, tzinfo=timezone.utc)
DAYS = 8

days = st.integers(0, DAYS)
lines = st.builds(
    "{}{}".format, st.sampled_from(NAMES), st.sampled_from(("", ">=2", "<3", "==1.0", "!=2.0"))
)


@dataclass(frozen=True)
class Release:
    """A wheel of an index: when it came, and what it requires."""

    name: str
    version: str
    day: int
    requires: tuple[str, ...]
    yanked: bool

    @property
    def file(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def uploaded(self) -> str:
        return moment_text(day(self.day))


@dataclass
class Chosen:
    """What was chosen, by name; None: nothing does."""

    pins: dict[str, str] | None
    files: dict[str, str] = field(default_factory=dict)


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


releases = st.lists(
    st.builds(
        Release,
        st.sampled_from(NAMES),
        st.sampled_from(VERSIONS),
        days,
        st.lists(lines, max_size=2).map(tuple),
        st.sampled_from((False, False, False, True)),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda each: each.file,
)
asked = st.lists(lines, min_size=1, max_size=2, unique_by=lambda line: line[0])
few = settings(max_examples=25)


def chosen(found: Iterable[Release], wanted: list[str], as_of: datetime | None = None) -> Chosen:
    """Resolve from an index on disk that holds these."""
    with TemporaryDirectory() as folder:
        for name in NAMES:
            page = Path(folder, name)
            page.mkdir()
            rows = []
            for each in found:
                if each.name == name:
                    text = [f"Name: {name}", f"Version: {each.version}"]
                    text += [f"Requires-Dist: {line}" for line in each.requires]
                    (page / f"{each.file}.metadata").write_text("\n".join([*text, "", ""]))
                    yanked = " data-yanked" if each.yanked else ""
                    rows.append(
                        f'<a href="{each.file}" data-core-metadata="true"{yanked}'
                        f' data-upload-time="{each.uploaded}">x</a>'
                    )
            (page / "index.html").write_text("<!DOCTYPE html>" + "\n".join(rows))
        source = IndexSource(Path(folder).as_uri(), TARGET, Access(), as_of=as_of)
        try:
            answer = resolve(
                merge([], pip_requirements=wanted, target=TARGET),
                Installed([], TARGET),
                sources=[source],
                index="never",
            )
        except ConflictError:
            return Chosen(None)
    return of(answer)


def of(answer: Resolution) -> Chosen:
    return Chosen(
        {pin.name: str(pin.version) for pin in answer.pins},
        {pin.name: pin.artifacts[0].uploaded for pin in answer.pins},
    )


@few
@given(releases, asked, days)
def test_it_is_the_answer_of_an_index_that_holds_no_more_than_then(
    found: list[Release], wanted: list[str], number: int
) -> None:
    then = [each for each in found if each.day < number]
    assert chosen(found, wanted, day(number)) == chosen(then, wanted)


@few
@given(releases, asked)
def test_later_than_all_uploads_nothing_changes(found: list[Release], wanted: list[str]) -> None:
    assert chosen(found, wanted, day(DAYS + 1)) == chosen(found, wanted)


@few
@given(releases, asked, days)
def test_no_file_is_of_the_moment_or_later(
    found: list[Release], wanted: list[str], number: int
) -> None:
    answer = chosen(found, wanted, day(number))
    assert all(each < moment_text(day(number)) for each in answer.files.values())


@few
@given(releases, asked, days, days)
def test_between_two_moments_without_an_upload_nothing_changes(
    found: list[Release], wanted: list[str], one: int, other: int
) -> None:
    first, last = sorted((one, other))
    quiet = [each for each in found if not first <= each.day < last]
    assert chosen(quiet, wanted, day(first)) == chosen(quiet, wanted, day(last))


@few
@given(releases, st.sampled_from(NAMES), days, days)
def test_a_name_alone_never_goes_back(
    found: list[Release], name: str, one: int, other: int
) -> None:
    """A release that is final and was not withdrawn stays to be had; what comes may be newer."""
    final = [replace(each, requires=(), yanked=False) for each in found if "rc" not in each.version]
    first, last = sorted((one, other))
    before, after = (chosen(final, [name], day(each)).pins for each in (first, last))
    assert before is None or (after is not None and Version(before[name]) <= Version(after[name]))
