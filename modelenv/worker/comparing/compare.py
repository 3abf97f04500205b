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

RELATIVE = 1e-6
# Below this a difference is noise, whatever it is relative to.
ABSOLUTE = 1e-12
# A sparse matrix of more elements is not written out to show where two differ.
_MOST_SHOWN = 10**7


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
        if hasattr(value, "tocoo") and hasattr(value, "toarray"):  # some are dictionaries, too
            return self._check_sparse
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
            kinds.append((pandas.Index, _check_axis))
            kinds.append((pandas.api.extensions.ExtensionArray, self._check_extension))
        for kind, checker in kinds:
            if isinstance(value, kind):
                return checker
        if hasattr(type(value), "__dataclass_fields__"):
            return self._check_fields
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
        _check_traits(expected, actual, where)
        if len(expected.shape) == 2:
            one, other = _compressed(expected), _compressed(actual)
            if one.nnz == other.nnz and not _moved(one, other):
                near, largest = _near(one.data, other.data, one.data == other.data)
                if near.all():
                    self.largest = max(self.largest, largest)
                    return
            if expected.shape[0] * expected.shape[1] > _MOST_SHOWN:
                _differ(where, "%d values became %d, or others" % (one.nnz, other.nnz))
        self._check_array(expected.toarray(), actual.toarray(), where)

    def _check_masked(self, expected: Any, actual: Any, where: str) -> None:
        """Compare where they are masked, then what is not: under a mask stands anything."""
        _check_traits(expected, actual, where)
        if expected.dtype.names is not None:
            for name in expected.dtype.names:
                self._check_masked(expected[name], actual[name], "%s[%r]" % (where, name))
            return
        mask = sys.modules["numpy.ma"].getmaskarray
        self._check_array(mask(expected), mask(actual), where + ".mask")
        self._check_array(expected.compressed(), actual.compressed(), where + ".compressed()")

    def _check_array(self, expected: Any, actual: Any, where: str) -> None:
        _check_traits(expected, actual, where)
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
        _check_traits(expected, actual, where, ("dtype", "name"))
        if hasattr(expected.dtype, "categories"):  # their order does not count for its dtype
            names = expected.dtype.categories, actual.dtype.categories
            _check_axis(names[0], names[1], where + ".categories")
        # Among objects `equals` takes None for nan.
        if expected.dtype == object or not expected.equals(actual):
            self._check_array(expected.to_numpy(), actual.to_numpy(), where)

    def _check_extension(self, expected: Any, actual: Any, where: str) -> None:
        series = sys.modules["pandas"].Series
        self._check_series(series(expected), series(actual), where)

    def _check_fields(self, expected: Any, actual: Any, where: str) -> None:
        """Compare two of a dataclass field by field, where they do not say that they are equal."""
        try:
            _check_other(expected, actual, where)
        except DifferenceError:
            names = list(type(expected).__dataclass_fields__)
            if not all(hasattr(side, name) for side in (expected, actual) for name in names):
                raise
            for name in names:
                step = "%s.%s" % (where, name)
                self.check(getattr(expected, name), getattr(actual, name), step)


def _compressed(matrix: Any) -> Any:
    """Return a sparse matrix by its rows, each place told once and in order."""
    made = matrix.tocsr(copy=True)
    made.sum_duplicates()
    made.eliminate_zeros()
    return made


def _moved(one: Any, other: Any) -> bool:
    """Return whether two of as many values have them in other places."""
    apart = [getattr(one, name) != getattr(other, name) for name in ("indptr", "indices")]
    return any(bool(each.any()) for each in apart)


def _check_traits(
    expected: Any, actual: Any, where: str, traits: Sequence[str] = ("dtype", "shape")
) -> None:
    for trait in traits:
        before, after = getattr(expected, trait), getattr(actual, trait)
        if before != after:
            _differ(where, "%s %s became %s" % (trait, before, after))


def _near(expected: Any, actual: Any, same: Any) -> tuple[Any, float]:
    """Tell which elements are equal or close, and the largest difference among them."""
    numpy = sys.modules["numpy"]
    near = same
    if expected.dtype.kind in "fc":
        near = near | (numpy.isnan(expected) & numpy.isnan(actual))
    if near.all() or expected.dtype.kind not in "fc":
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
