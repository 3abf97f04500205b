"""The answer: it can be saved and read back."""

from __future__ import annotations

from packaging.version import Version

from resolver import Move, Pin, Resolution


def test_reading_back_what_was_written_gives_the_same():
    pins = (
        Pin("a", Version("1.0+cu1"), frozenset({"x", "y"}), "index", True, ("b", "r.txt:1: a")),
        Pin("b", Version("2"), url="git+https://host/b@ab12"),
    )
    moves = (Move("a", Version("2"), Version("1.0+cu1"), "r.txt:1: a"),)
    resolution = Resolution(pins, moves, ("a note",))
    assert Resolution.from_json(resolution.to_json()) == resolution


def test_a_pin_is_a_requirement():
    assert str(Pin("a", Version("1"), frozenset({"y", "x"})).requirement) == "a[x,y]==1"
    direct = Pin("a", Version("1"), frozenset({"x"}), url="https://host/a.whl").requirement
    assert (direct.url, direct.extras) == ("https://host/a.whl", {"x"})


def test_a_pin_is_found_in_any_spelling():
    pin = Pin("a-b", Version("1"))
    assert Resolution((pin,)).get("A_B") is pin
    assert Resolution((pin,)).get("c") is None


def test_a_move_is_a_sentence():
    move = Move("a", Version("2"), Version("1"), "r.txt:1: a<2")
    assert str(move) == "a 2 -> 1, because r.txt:1: a<2"
