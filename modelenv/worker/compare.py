"""Are two predictions equal: exactly, or floats within a tolerance, and where not, where.

Travels into other interpreters: Python 3.8 syntax; looks only at libraries that are loaded.
"""

from __future__ import annotations

import math
import pickle
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Pair = tuple[Any, Any]  # what stands at one place of the two values

RELATIVE = 1e-6
# Below this a difference is noise, whatever it is relative to.
ABSOLUTE = 1e-12


class DifferenceError(Exception):
    """The two values differ beyond the tolerance."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what


def compare(expected: object, actual: object, skipped: Sequence[str] = ()) -> dict[str, Any]:
    """Compare two values; the answer's ``equal`` is exactly, closely or no.

    ``largest`` is the largest difference that was let pass. Where the values are not equal,
    ``where`` is the place and ``what`` the difference. What stands at the places `skipped`, named
    as by :func:`compare_parts`, may differ.
    """
    comparison = Comparison(skipped)
    try:
        comparison.check(expected, actual, "prediction")
    except DifferenceError as found:
        return {"equal": "no", "largest": None, "where": found.where, "what": found.what}
    equal = "closely" if comparison.largest else "exactly"
    return {"equal": equal, "largest": comparison.largest, "where": None, "what": None}


def compare_parts(expected: object, actual: object) -> dict[str, list[str]]:
    """Return the places where two values are ``equal``, and those where they are ``different``.

    A place is named as by :func:`compare` and stands for all that is in it; ``[*]`` are all
    elements of a list. What may merely have come in another order, such as a list of texts, or has
    no places that are named, such as an array, is one place.
    """
    found: dict[str, list[str]] = {"equal": [], "different": []}

    def part(pairs: list[Pair], where: str) -> None:
        if all(compare(one, other)["equal"] != "no" for one, other in pairs):
            found["equal"].append(where)
            return
        inner = _inner(pairs)
        if not inner:
            found["different"].append(where)
        for step, inside in inner.items():
            part(inside, where + step)

    part([(expected, actual)], "prediction")
    return found


def _inner(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """Return what stands inside all `pairs`, by the step that leads there; nothing in one place."""
    first = pairs[0][0]
    sides = [side for pair in pairs for side in pair]
    if any(type(side) is not type(first) for side in sides):
        return {}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(first, pandas.DataFrame):
        return _columns(pairs)
    if isinstance(first, dict):
        if any(side.keys() != first.keys() for side in sides):
            return {}
        return {"[%r]" % (key,): [(one[key], two[key]) for one, two in pairs] for key in first}
    if isinstance(first, (list, tuple)) and all(len(one) == len(two) for one, two in pairs):
        return _elements(pairs)
    return {}


def _elements(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """Return the elements of lists or tuples: of one type in a list they are alike, else apart."""
    first = pairs[0][0]
    kinds = {type(item) for one, _ in pairs for item in one}
    if len(kinds) == 1 and all(map(_is_plain, first)):
        return {}
    if isinstance(first, list) and len(kinds) == 1:
        return {"[*]": [each for one, two in pairs for each in zip(one, two)]}
    if any(len(one) != len(first) for one, _ in pairs):
        return {}
    return {
        "[%d]" % place: [(one[place], two[place]) for one, two in pairs]
        for place in range(len(first))
    }


def _is_plain(value: object) -> bool:
    """Return whether a value holds no others: a text, a number."""
    return not isinstance(value, (dict, list, tuple)) and not getattr(value, "shape", ())


def _columns(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """Return the columns of tables; nothing where not all have the same, each name once."""
    names = list(pairs[0][0].columns)
    same = all(one.index.equals(two.index) and list(two.columns) == names for one, two in pairs)
    if not same or len(set(names)) < len(names):
        return {}
    return {
        "[%r]" % (name,): [(one.iloc[:, place], two.iloc[:, place]) for one, two in pairs]
        for place, name in enumerate(names)
    }


def _place_pattern(places: Sequence[str]) -> Any:
    """Return a pattern that matches all that one of `places` stands for."""
    import re

    def step(found: Any) -> str:
        return r"\[\d+\]" if found.group() == "[*]" else re.escape(found.group())

    # A key is taken whole: one that holds such brackets is no step.
    steps = re.compile(r"""\['(?:[^'\\]|\\.)*'\]|\["(?:[^"\\]|\\.)*"\]|\[\*\]|.""", re.DOTALL)
    return re.compile("|".join(steps.sub(step, place) for place in places))


class Comparison:
    """One comparison: remembers the largest difference that it let pass."""

    def __init__(self, skipped: Sequence[str] = ()) -> None:
        self.largest = 0.0
        self._skipped = _place_pattern(skipped) if skipped else None

    def check(self, expected: Any, actual: Any, where: str) -> None:
        """Raise DifferenceError unless the two are equal or close."""
        if self._skipped is not None and self._skipped.fullmatch(where):
            return
        if type(expected) is not type(actual):
            _differ(where, "%s became %s" % (_class(expected), _class(actual)))
        self._checker(expected)(expected, actual, where)

    def _checker(self, value: object) -> Callable[[Any, Any, str], None]:
        """Choose by the type, looking only at libraries that are loaded."""
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        kinds: list[tuple[Any, Callable[[Any, Any, str], None]]] = [
            (float, self._check_float),
            ((list, tuple), self._check_sequence),
            (dict, self._check_dict),
        ]
        if "numpy.ma" in sys.modules:
            kinds.append((sys.modules["numpy.ma"].MaskedArray, self._check_masked))
        if numpy is not None:
            kinds += [(numpy.ndarray, self._check_array), (numpy.floating, self._check_float)]
        if pandas is not None:
            kinds += [(pandas.DataFrame, self._check_frame), (pandas.Series, self._check_series)]
        for kind, checker in kinds:
            if isinstance(value, kind):
                return checker
        if hasattr(value, "tocoo") and hasattr(value, "toarray"):
            return self._check_sparse
        return _check_other

    def _check_float(self, expected: Any, actual: Any, where: str) -> None:
        one, other = float(expected), float(actual)
        if one == other or (math.isnan(one) and math.isnan(other)):
            return
        difference = abs(one - other)
        near = difference <= max(ABSOLUTE, RELATIVE * max(abs(one), abs(other)))
        if not near or math.isinf(difference):
            _differ(where, "%r became %r" % (expected, actual))
        self.largest = max(self.largest, difference)

    def _check_sequence(self, expected: Any, actual: Any, where: str) -> None:
        if len(expected) != len(actual):
            _differ(where, "length %d became %d" % (len(expected), len(actual)))
        for place, pair in enumerate(zip(expected, actual)):
            self.check(pair[0], pair[1], "%s[%d]" % (where, place))

    def _check_dict(self, expected: Any, actual: Any, where: str) -> None:
        if set(expected) != set(actual):
            odd = sorted(map(repr, set(expected) ^ set(actual)))
            _differ(where, "other keys: %s" % ", ".join(odd[:5]))
        for key, value in expected.items():
            self.check(value, actual[key], "%s[%r]" % (where, key))

    def _check_sparse(self, expected: Any, actual: Any, where: str) -> None:
        self._check_array(expected.toarray(), actual.toarray(), where)

    def _check_masked(self, expected: Any, actual: Any, where: str) -> None:
        """Compare where they are masked, then what is not: under a mask stands anything."""
        mask = sys.modules["numpy.ma"].getmaskarray
        self._check_array(mask(expected), mask(actual), where + ".mask")
        self._check_array(expected.compressed(), actual.compressed(), where + ".compressed()")

    def _check_array(self, expected: Any, actual: Any, where: str) -> None:
        for trait in ("dtype", "shape"):
            before, after = getattr(expected, trait), getattr(actual, trait)
            if before != after:
                _differ(where, "%s %s became %s" % (trait, before, after))
        if expected.dtype.names is not None:
            for name in expected.dtype.names:
                self._check_array(expected[name], actual[name], "%s[%r]" % (where, name))
        elif expected.dtype.kind == "O":
            for place, pair in enumerate(zip(expected.ravel(), actual.ravel())):
                self.check(pair[0], pair[1], where + _index(place, expected.shape))
        else:
            self._check_numbers(expected, actual, where)

    def _check_numbers(self, expected: Any, actual: Any, where: str) -> None:
        """Compare arrays of one dtype; only floats and complex numbers may be merely close."""
        shape, expected, actual = expected.shape, expected.ravel(), actual.ravel()
        near = expected == actual
        if expected.dtype.kind in "fc":
            near, largest = _near(expected, actual, near)
            self.largest = max(self.largest, largest)
        elif expected.dtype.kind in "mM":
            near = near | ((expected != expected) & (actual != actual))  # noqa: PLR0124  # NaT
        if not near.all():
            place = int((~near).nonzero()[0][0])
            many = "%d of %d differ, the first: " % (int((~near).sum()), near.size)
            what = "%s became %s" % (_item(expected, place), _item(actual, place))
            what += _how_far(expected, actual)
            _differ(where + _index(place, shape), many + what)

    def _check_frame(self, expected: Any, actual: Any, where: str) -> None:
        _check_axis(expected.columns, actual.columns, where + ".columns")
        _check_axis(expected.index, actual.index, where + ".index")
        for place in range(len(expected.columns)):
            column = "%s[%r]" % (where, expected.columns[place])
            self.check(expected.iloc[:, place], actual.iloc[:, place], column)

    def _check_series(self, expected: Any, actual: Any, where: str) -> None:
        _check_axis(expected.index, actual.index, where + ".index")
        for trait in ("dtype", "name"):
            before, after = getattr(expected, trait), getattr(actual, trait)
            if before != after:
                _differ(where, "%s %s became %s" % (trait, before, after))
        if hasattr(expected.dtype, "categories"):  # their order does not count for its dtype
            names = expected.dtype.categories, actual.dtype.categories
            _check_axis(names[0], names[1], where + ".categories")
        # Among objects `equals` takes None for nan.
        if expected.dtype == object or not expected.equals(actual):
            self._check_array(expected.to_numpy(), actual.to_numpy(), where)


def _near(expected: Any, actual: Any, same: Any) -> tuple[Any, float]:
    """Tell which elements are equal or close, and the largest difference among them."""
    numpy = sys.modules["numpy"]
    near = same | (numpy.isnan(expected) & numpy.isnan(actual))
    if near.all():
        return near, 0.0
    with numpy.errstate(all="ignore"):
        apart = numpy.where(near, 0.0, numpy.abs(expected - actual))
        scale = numpy.maximum(numpy.abs(expected), numpy.abs(actual))
        limit = numpy.maximum(ABSOLUTE, RELATIVE * scale)
        near = near | (numpy.isfinite(apart) & (apart <= limit))
    return near, float(apart[near].max(initial=0.0))


def _index(place: int, shape: tuple[int, ...]) -> str:
    """Write the index of a place in a flattened array: ``[3, 1]``; nothing for one number."""
    index = []
    for size in reversed(shape):
        place, rest = divmod(place, size)
        index.append(str(rest))
    return "[%s]" % ", ".join(reversed(index)) if index else ""


def _item(array: Any, place: int) -> str:
    """Show one element as the number that it is, without its type: that is the same."""
    item = array[place]
    return repr(item.item() if array.dtype.kind in "biufc" else item)


def _how_far(expected: Any, actual: Any) -> str:
    """Say how far numbers are apart at most, and how far that is relative to their size."""
    numpy = sys.modules["numpy"]
    if expected.dtype.kind not in "iufc":
        return ""
    with numpy.errstate(all="ignore"):
        wide = "complex128" if expected.dtype.kind == "c" else "float64"
        one, other = expected.astype(wide), actual.astype(wide)
        apart = numpy.abs(one - other)
        relative = apart / numpy.maximum(numpy.abs(one), numpy.abs(other))
        known = numpy.isfinite(apart) & (apart > 0)
    if not known.any():
        return ""
    largest = float(apart[known].max())
    return "; apart by up to %.3g (relative: %.2g)" % (
        largest,
        float(relative[known].max()),
    )


def _check_axis(expected: Any, actual: Any, where: str) -> None:
    # `equals` looks at the labels alone.
    before, after = _axis(expected), _axis(actual)
    if before != after:
        _differ(where, "%s became %s" % (before, after))
    if not expected.equals(actual):
        _differ(where, "%.80r became %.80r" % (list(expected), list(actual)))


def _axis(index: Any) -> str:
    return "%s of %s named %r" % (_class(index), index.dtype, list(index.names))


def _check_other(expected: object, actual: object, where: str) -> None:
    """Compare values of a type that we know nothing of: by ``==``, else by their pickles."""
    try:
        same = (expected == actual) is True
    except Exception:  # noqa: BLE001  # somebody's __eq__ may raise anything: the pickles decide
        same = False
    if not same and not _same_pickles(expected, actual):
        _differ(where, "%s became %s" % (_shown(expected), _shown(actual)))


def _same_pickles(one: object, other: object) -> bool:
    # cloudpickle, where the model has it, takes the classes of a script too.
    dumps = getattr(sys.modules.get("cloudpickle"), "dumps", pickle.dumps)
    try:
        return bool(dumps(one) == dumps(other))
    except Exception:  # noqa: BLE001  # somebody's __reduce__: what has no pickle equals nothing
        return False


def _shown(value: object) -> str:
    try:
        return "%.80r" % (value,)
    except Exception:  # noqa: BLE001  # somebody's __repr__
        return "a " + _class(value)


def _differ(where: str, what: str) -> None:
    raise DifferenceError(where, what)


def _class(value: object) -> str:
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)
