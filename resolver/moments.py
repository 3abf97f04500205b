"""Points in time: the limit of a resolution, and the upload times of files (PEP 700)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from .errors import MomentError

UTC = timezone.utc

# Expressions are compiled on first use: few resolutions have a time limit.
_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_INSTANT = (
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?"
    r"\s?(?:([Zz])|([+-])(\d\d):?(\d\d))?"
)
_ISO_SPAN = r"P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
_WORDS = "weeks?|wks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s"
_PART = rf"(\d+)\s*({_WORDS})"
_SPAN = rf"(?:\d+\s*(?:{_WORDS})(?:\s*,?\s*|$))+(?:ago)?"
_UNEVEN = r"\d\s*(?:months?|mos?|years?|yrs?|y)\b|P\d+[YM]"
_UNIT = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PEP_700 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
_WHOLE = 27
_LONGEST = 60
_DAY = len("2024-03-01")
_FLAGS = re.ASCII | re.IGNORECASE
_FORMS = 'a date ("2024-03-01"), a moment ("2024-03-01T12:00:00Z") or a time ago ("7 days")'


def read_moment(said: str | date | datetime, now: datetime | None = None) -> datetime:
    """Return the time before which a file has to be uploaded to count, in UTC.

    A date means its whole day in UTC, so that it means the same on every machine. A time has its
    zone (RFC 3339). An age ("7 days", "2 weeks 1 day", "P7D", "PT36H") is counted back from `now`.
    The syntax is that of uv's `--exclude-newer`. Raises `MomentError`.

    >>> str(read_moment("2024-03-01"))
    '2024-03-02 00:00:00+00:00'
    >>> str(read_moment("2024-03-01T12:00:00+02:00"))
    '2024-03-01 10:00:00+00:00'
    >>> str(read_moment("7 days", now=read_moment("2024-03-08T09:30Z")))
    '2024-03-01 09:30:00+00:00'
    """
    try:
        if isinstance(said, datetime):
            return _in_utc(said)
        if isinstance(said, date):
            return _end_of(said)
        if not isinstance(said, str):
            raise MomentError(said, f"it is no text and no date; say {_FORMS}")
        return _of_text(said.strip(), now)
    except OverflowError as error:
        raise MomentError(said, "it is out of the range of the calendar") from error
    except ValueError as error:
        raise MomentError(said, str(error)) from error


def read_pip_moment(said: str, now: datetime | None = None) -> datetime:
    """Return the time that pip's `--uploaded-prior-to` means, in UTC (pip 26.0).

    A date stands for the beginning of its day, and a time without zone is local, unlike for
    `read_moment`. Days ("P7D") are counted back from `now`. Raises `MomentError`.

    >>> str(read_pip_moment("2024-03-01T12:00:00+02:00"))
    '2024-03-01 10:00:00+00:00'
    >>> str(read_pip_moment("P7D", now=read_moment("2024-03-08T09:30Z")))
    '2024-03-01 09:30:00+00:00'
    """
    said = said.strip()
    try:
        if found := re.fullmatch(r"P(\d+)D", said, re.ASCII):
            return _in_utc(now or datetime.now(UTC)) - timedelta(days=int(found[1]))
        text = f"{said[:-1]}+00:00" if said.endswith("Z") and len(said) > _DAY else said
        return datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise MomentError(said, f"{error} (uploaded-prior-to of pip's configuration)") from error


def moment_text(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC; `read_moment` reads it.

    >>> moment_text(read_moment("2024-03-01"))
    '2024-03-02T00:00:00Z'
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def told_moment(moment: str | datetime) -> str:
    """Return a time as people read it: as `moment_text`, and the day that ends there, if one does.

    A limit that was given as a date is the end of that day.

    >>> told_moment(read_moment("2024-03-01")), told_moment("2024-03-01T12:00:00Z")
    ('2024-03-02T00:00:00Z (the end of 2024-03-01)', '2024-03-01T12:00:00Z')
    """
    read = (read_moment(moment) if isinstance(moment, str) else moment).astimezone(UTC)
    day = (read - timedelta(microseconds=1)).date()
    ended = f" (the end of {day})" if read.date() != day else ""
    return moment_text(read) + ended


def upload_text(said: str) -> str:
    """Return a file's upload time on an index, in the form of PEP 700; empty for none.

    All texts have one form, so they sort by time.

    >>> upload_text("2024-03-01T12:00:00.25+02:00"), upload_text("yesterday")
    ('2024-03-01T10:00:00.250000Z', '')
    """
    if len(said) == _WHOLE and re.fullmatch(_PEP_700, said, re.ASCII):
        return said  # as nearly all of them
    found = _match(_INSTANT, said)
    try:
        moment = _instant(found) if found else None
    except (OverflowError, ValueError):
        return ""
    return "" if moment is None else upload_end(moment)


def upload_end(moment: datetime) -> str:
    """Return the least text of `upload_text` that is not before a time.

    >>> upload_end(read_moment("2024-03-01"))
    '2024-03-02T00:00:00.000000Z'
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def plain_moment(uploaded: str) -> str:
    """Return a text of `upload_text` in the form of `moment_text`; empty for none.

    >>> plain_moment("2024-03-01T12:00:00.000000Z"), plain_moment("2024-13-01T12:00:00.000000Z")
    ('2024-03-01T12:00:00Z', '')
    """
    try:
        moment = datetime.fromisoformat(uploaded.removesuffix("Z"))
    except ValueError:
        return ""
    return f"{moment.isoformat()}Z"


def _match(expression: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(expression, text, _FLAGS)


def _of_text(text: str, now: datetime | None) -> datetime:
    if len(text) > _LONGEST:
        raise MomentError(f"{text[:_LONGEST]}...", f"say {_FORMS}")
    if found := _match(_DATE, text):
        return _end_of(date(*map(int, found.groups())))
    if found := _match(_INSTANT, text):
        moment = _instant(found)
        if moment is None:
            raise MomentError(text, f"it has no zone; say {text}Z for UTC, or {text}+01:00")
        return moment
    span = _span(text)
    if span is None:
        raise MomentError(text, f"say {_FORMS}")
    return _in_utc(now or datetime.now(UTC)) - span


def _span(text: str) -> timedelta | None:
    """Read an age; None for anything else. Raises `MomentError` for months and years."""
    if found := _match(_ISO_SPAN, text):
        units = dict(zip(_UNIT.values(), found.groups(), strict=True))
        return timedelta(**{unit: int(count) for unit, count in units.items() if count})
    if _match(_SPAN, text):
        parts = re.findall(_PART, text, _FLAGS)
        spans = (timedelta(**{_UNIT[word[0].lower()]: int(count)}) for count, word in parts)
        return sum(spans, timedelta())
    if re.search(_UNEVEN, text, _FLAGS):
        raise MomentError(text, "months and years are not of one length; say it in days")
    return None


def _instant(found: re.Match[str]) -> datetime | None:
    """Return the time of a match; None if it has no zone. Raises ValueError."""
    day, hour, minute, second, fraction, zulu, sign, hours, minutes = found.groups()
    if not zulu and not sign:
        return None
    # A leap second is the end of the one before it, as for uv.
    seconds, micros = min(int(second or 0), 59), int((fraction or "0")[:6].ljust(6, "0"))
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-ahead if sign == "-" else ahead)
    year, month, date_ = map(int, day.split("-"))
    local = datetime(year, month, date_, int(hour), int(minute), seconds, micros, zone)
    return local.astimezone(UTC)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise MomentError(moment, "it has no zone; give it one (tzinfo=timezone.utc)")
    return moment.astimezone(UTC)


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
