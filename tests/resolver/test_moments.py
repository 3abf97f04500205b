"""Moments that a question is asked as of, as people and indexes write them."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import IndexSettings, MomentError, moment_text, read_moment
from resolver.index.simple_api import Link
from resolver.moments import plain_moment, upload_text
from resolver.sources.received import received

NOW = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
# What uv 0.13.9 makes of the same text under TZ=UTC, with `--exclude-newer`.
AS_UV = {
    "2024-03-01": "2024-03-02T00:00:00Z",
    "2024-02-29": "2024-03-01T00:00:00Z",
    "2024-03-01T00:00:00Z": "2024-03-01T00:00:00Z",
    "2024-03-01 00:00:00Z": "2024-03-01T00:00:00Z",
    "2024-03-01t00:00z": "2024-03-01T00:00:00Z",
    "2024-03-01T00:00:00-05:00": "2024-03-01T05:00:00Z",
    "2024-03-01T00:00:00.000001Z": "2024-03-01T00:00:00.000001Z",
    "2024-12-31T23:59:60Z": "2024-12-31T23:59:59Z",
    "7 days": "2026-11-22T12:00:00Z",
    "7d": "2026-11-22T12:00:00Z",
    "7 days ago": "2026-11-22T12:00:00Z",
    "2 weeks 1 day": "2026-11-14T12:00:00Z",
    "36h": "2026-11-28T00:00:00Z",
    "30 minutes": "2026-11-29T11:30:00Z",
    "P7D": "2026-11-22T12:00:00Z",
    "P1W": "2026-11-22T12:00:00Z",
    "P7DT2H": "2026-11-22T10:00:00Z",
    "PT24H": "2026-11-28T12:00:00Z",
    "0 days": "2026-11-29T12:00:00Z",
}
NONE = {
    "": "say a date",
    "today": "say a date",
    "2024-3-1": "say a date",
    "01.03.2024": "say a date",
    "1709251200": "say a date",
    "1.5 days": "say a date",
    "-7 days": "say a date",
    "P": "say a date",
    "P7D2H": "say a date",
    "7 days" + " " * 10_000 + "x": "say a date",
    "2024-02-30": "range",  # "must be in range 1..29" since Python 3.15
    "2024-03-01T25:00:00Z": "hour must be in",
    "9999-12-31": "out of the range of the calendar",
    "1000000 days": "out of the range of the calendar",
    "9" * 5_000 + " days": "say a date",
    "1 month": "not of one length; say it in days",
    "P1Y": "not of one length; say it in days",
    # uv takes this for the whole day, pip for a moment of this machine's zone.
    "2024-03-01T10:00:00": "it has no zone; say 2024-03-01T10:00:00Z for UTC",
}


@pytest.mark.parametrize("text", AS_UV)
def test_a_moment_is_read_as_uv_reads_it(text):
    assert moment_text(read_moment(text, NOW)) == AS_UV[text]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_moment_is_refused_with_what_to_say(text):
    with pytest.raises(MomentError) as caught:
        read_moment(text, NOW)
    assert NONE[text] in str(caught.value)
    assert len(str(caught.value)) < 300
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_dates_and_moments_of_python_are_taken():
    assert read_moment(date(2024, 3, 1)) == datetime(2024, 3, 2, tzinfo=timezone.utc)
    moment = datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert str(read_moment(moment)) == "2024-03-01 10:00:00+00:00"
    with pytest.raises(MomentError, match="it has no zone"):
        read_moment(datetime(2024, 3, 1))  # noqa: DTZ001  # that is what is refused
    with pytest.raises(MomentError, match="no text and no date"):
        read_moment(7)  # type: ignore[arg-type]


def test_settings_hold_a_moment_of_utc():
    moment = datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert str(IndexSettings(as_of=moment).as_of) == "2024-03-01 10:00:00+00:00"
    with pytest.raises(MomentError, match="it has no zone"):
        IndexSettings(as_of=datetime(2024, 3, 1))  # noqa: DTZ001


zones = st.integers(-14 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each)))
moments = st.datetimes(datetime(2005, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001


@given(moments)
def test_a_moment_is_read_back_as_it_was_written(moment):
    assert read_moment(moment_text(moment)) == moment
    assert read_moment(upload_text(moment.isoformat())) == moment
    assert plain_moment(upload_text(moment.isoformat())) == moment_text(moment)


@st.composite
def pep_700_times(draw):
    """Write a moment as PEP 700 has it, with any number of digits."""
    digits = draw(st.integers(0, 6))
    step = 10 ** (6 - digits)
    moment = draw(moments).astimezone(timezone.utc)
    moment = moment.replace(microsecond=moment.microsecond // step * step)
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z", moment


other_times = moments.map(lambda each: (each.isoformat(), each))
untold = st.sampled_from([("", None), ("soon", None), ("2024-02-30T00:00:00Z", None)])


@given(
    st.lists(pep_700_times() | other_times | untold, max_size=4),
    moments,
    st.integers(0, 4),
    st.integers(-1, 1),
)
def test_files_are_parted_as_their_moments_are(uploads, moment, which, micros):
    """Also where the moment is that of a file, which then is later, or next to it."""
    if which < len(uploads) and uploads[which][1]:
        moment = uploads[which][1] + timedelta(microseconds=micros)
    expected: dict[str, list[str]] = {"before": [], "later": [], "untold": []}
    links = []
    for number, (text, when) in enumerate(uploads):
        links.append(Link(f"a-{number}.zip", "", uploaded=upload_text(text)))
        part = "untold" if when is None else "before" if when < moment else "later"
        expected[part].append(links[-1].file)
    found = received(links, moment)._asdict()
    assert {part: [link.file for link in each] for part, each in found.items()} == expected
