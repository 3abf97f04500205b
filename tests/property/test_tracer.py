"""The rules that hold for every trace and every pickle."""

from __future__ import annotations

import collections
import decimal
import fractions
import pickle
import pickletools
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from tracer import ImportRecord, Touch, Trace, UnreadablePickleError, scan_globals
from tracer.reading.timing import Span, times

NAMES = st.sampled_from(["a", "a.b", "c", "é"])
RECORDS = st.builds(
    ImportRecord,
    order=st.integers(0, 3),
    name=NAMES,
    file=st.none() | st.just("/x.py"),
    importer=st.none() | NAMES,
    importer_file=st.none() | st.just("/y.py"),
    line=st.none() | st.integers(1, 2),
    loaded=st.booleans(),
    phase=st.sampled_from(["", "load"]),
    how=st.sampled_from(["imported", "ran", "held"]),
    seconds=st.none() | st.floats(0, 1),
    error=st.none() | st.just("ImportError"),
    caught=st.none() | st.booleans(),
)
TOUCHES = st.builds(Touch, kind=st.sampled_from(["file", "host"]), name=NAMES)
TRACES = st.builds(
    Trace.of,
    st.lists(RECORDS, max_size=4),
    st.lists(NAMES, max_size=2),
    st.lists(TOUCHES, max_size=2),
)


@given(TRACES, TRACES, TRACES)
def test_union_is_associative_commutative_and_idempotent(a: Trace, b: Trace, c: Trace) -> None:
    assert (a | b) | c == a | (b | c)
    assert a | b == b | a
    assert a | a == a


@given(TRACES, TRACES)
def test_what_two_traces_share_and_what_one_has_alone_make_it_whole(a: Trace, b: Trace) -> None:
    assert (a & b) | (a - b) == a
    assert (a - b) & b == Trace.of([])


@given(TRACES)
def test_a_trace_that_was_written_reads_back_as_it_was(a: Trace) -> None:
    assert Trace.from_jsonl(a.to_jsonl()) == a


@given(TRACES, NAMES)
def test_every_trace_can_be_shown_and_every_chain_ends(a: Trace, name: str) -> None:
    assert a.tree().startswith("the block")
    assert str(a) in a.table()
    chain = a.why(name)
    assert (not chain) or chain[-1].name == name


@given(st.binary(max_size=200))
def test_scanning_ends_in_names_or_one_error(data: bytes) -> None:
    with suppress(UnreadablePickleError):
        assert isinstance(scan_globals(data), tuple)


@given(st.data())
def test_scanning_a_damaged_pickle_ends_in_names_or_one_error(draw: st.DataObject) -> None:
    whole = pickle.dumps([collections.Counter("ab"), decimal.Decimal(1), b"x" * 20])
    place = draw.draw(st.integers(0, len(whole) - 1))
    octet = draw.draw(st.integers(0, 255))
    test_scanning_ends_in_names_or_one_error.hypothesis.inner_test(  # type: ignore[attr-defined]
        whole[:place] + bytes([octet]) + whole[place + 1 :]
    )


VALUES = st.recursive(
    st.sampled_from(
        [decimal.Decimal(1), fractions.Fraction(1, 2), collections.OrderedDict(a=1), 1.5, b"x", "y"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@given(VALUES, st.integers(0, pickle.HIGHEST_PROTOCOL), st.booleans())
def test_all_that_unpickling_looks_up_is_named(
    value: object, protocol: int, optimized: bool
) -> None:
    data = pickle.dumps(value, protocol)
    if optimized:
        data = pickletools.optimize(data)
    asked = set()

    class Unpickler(pickle._Unpickler):
        def find_class(self, module: str, name: str) -> object:
            found = super().find_class(module, name)
            asked.add(f"{getattr(found, '__module__', module)}.{found.__qualname__}")
            return found

    import io

    Unpickler(io.BytesIO(data)).load()
    named = set(scan_globals(data))
    assert {name.rpartition(".")[2] for name in asked} == {name.name for name in named}


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 2)), max_size=12))
def test_no_import_takes_less_than_nothing_nor_more_alone_than_in_all(
    spans: list[tuple[int, int, int]],
) -> None:
    made = [
        Span(str(number), thread, begin, begin + length)
        for number, (begin, length, thread) in enumerate(spans)
    ]
    for took in times(made).values():
        assert 0 <= took.own_seconds <= took.seconds + 1e-6
