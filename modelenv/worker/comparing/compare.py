"""Whether two predictions are equal, exactly or within a tolerance, and the first difference.

Travels into other interpreters: Python 3.8 syntax; looks only at libraries that are loaded.
"""

from __future__ import annotations

import datetime
import decimal
import math
import pickle
import sys

from .differences import DifferenceError, class_of, differ, how_far, index_of, item_of, shown, step

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

RELATIVE = 1e-6
# A smaller absolute difference is noise, whatever the size of the numbers.
ABSOLUTE = 1e-12
# A larger sparse matrix is not made dense to show where two differ.
_MOST_SHOWN = 10**7


def compare(
    expected: object, actual: object, skipped: Sequence[str] = (), relative: float = RELATIVE
) -> dict[str, Any]:
    """Compare two values; the ``equal`` of the answer is "exactly", "closely" or "no".

    Floats are close within `relative` of the larger one. ``largest`` is the largest tolerated
    difference. If the values are not equal, ``where`` is the place and ``what`` the difference.
    The places `skipped`, named as by :func:`compare_parts`, may differ.
    """
    comparison = Comparison(skipped, relative)
    try:
        comparison.check(expected, actual, "prediction")
    except DifferenceError as found:
        return {"equal": "no", "largest": None, "where": found.where, "what": found.what}
    equal = "closely" if comparison.largest else "exactly"
    return {"equal": equal, "largest": comparison.largest, "where": None, "what": None}


def _place_pattern(places: Sequence[str]) -> Any:
    """Return a pattern that matches everything at or below one of `places`."""
    import re

    def pattern(found: Any) -> str:
        return r"\[\d+\]" if found.group() == "[*]" else re.escape(found.group())

    # A key is matched as a whole, since it may contain brackets that look like a step.
    steps = re.compile(r"""\['(?:[^'\\]|\\.)*'\]|\["(?:[^"\\]|\\.)*"\]|\[\*\]|.""", re.DOTALL)
    return re.compile("|".join(steps.sub(pattern, place) for place in places))


class Comparison:
    """One comparison, which keeps the largest difference that it tolerated."""

    def __init__(self, skipped: Sequence[str] = (), relative: float = RELATIVE) -> None:
        self.largest = 0.0
        self._relative = relative
        self._skipped = _place_pattern(skipped) if skipped else None

    def check(self, expected: Any, actual: Any, where: str) -> None:
        """Raise DifferenceError unless the two are equal or close."""
        if self._skipped is not None and self._skipped.fullmatch(where):
            return
        if type(expected) is not type(actual):
            differ(where, "%s became %s" % (class_of(expected), class_of(actual)))
        self._checker(expected)(expected, actual, where)

    def _checker(self, value: object) -> Callable[[Any, Any, str], None]:
        """Return the check for a type, looking only at libraries that are loaded."""
        if hasattr(value, "tocoo") and hasattr(value, "toarray"):  # some are also dicts
            return self._check_sparse
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        kinds: list[tuple[Any, Callable[[Any, Any, str], None]]] = [
            (float, self._check_float),
            ((list, tuple), self._check_sequence),
            (dict, self._check_dict),
            ((set, frozenset), self._check_set),
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
        near = difference <= max(ABSOLUTE, self._relative * max(abs(one), abs(other)))
        if not near or math.isinf(difference):
            differ(where, "%r became %r" % (expected, actual))
        self.largest = max(self.largest, difference)

    def _check_sequence(self, expected: Any, actual: Any, where: str) -> None:
        if len(expected) != len(actual):
            differ(where, "length %d became %d" % (len(expected), len(actual)))
        for place, pair in enumerate(zip(expected, actual)):
            self.check(pair[0], pair[1], "%s[%d]" % (where, place))

    def _check_dict(self, expected: Any, actual: Any, where: str) -> None:
        if set(expected) != set(actual):
            odd = sorted(map(shown, set(expected) ^ set(actual)))
            differ(where, "other keys: %s" % ", ".join(odd[:5]))
        self._check_set(expected, actual, where + ".keys()")
        for key, value in expected.items():
            self.check(value, actual[key], where + step(key))

    def _check_set(self, expected: Any, actual: Any, where: str) -> None:
        """Compare sets, or the keys of dictionaries, by type too: ``1`` is not ``True``."""
        if set(expected) != set(actual):
            _check_other(expected, actual, where)
            return
        twins = {each: each for each in actual}
        for each in expected:
            self.check(each, twins[each], where)

    def _check_sparse(self, expected: Any, actual: Any, where: str) -> None:
        _check_traits(expected, actual, where)
        if len(expected.shape) == 2:
            one, other = _compressed(expected), _compressed(actual)
            if one.nnz == other.nnz and not _moved(one, other):
                same = one.data == other.data
                near, largest = _near(one.data, other.data, same, self._relative)
                if near.all():
                    self.largest = max(self.largest, largest)
                    return
            if expected.shape[0] * expected.shape[1] > _MOST_SHOWN:
                differ(where, "%d values became %d, or others" % (one.nnz, other.nnz))
        self._check_array(expected.toarray(), actual.toarray(), where)

    def _check_masked(self, expected: Any, actual: Any, where: str) -> None:
        """Compare the masks, then the unmasked values: values under a mask do not matter."""
        _check_traits(expected, actual, where)
        if expected.dtype.names is not None:
            for name in expected.dtype.names:
                self._check_masked(expected[name], actual[name], where + step(name))
            return
        mask = sys.modules["numpy.ma"].getmaskarray
        self._check_array(mask(expected), mask(actual), where + ".mask")
        self._check_array(expected.compressed(), actual.compressed(), where + ".compressed()")

    def _check_array(self, expected: Any, actual: Any, where: str) -> None:
        _check_traits(expected, actual, where)
        if expected.dtype.names is not None:
            for name in expected.dtype.names:
                self._check_array(expected[name], actual[name], where + step(name))
        elif expected.dtype.kind == "O":
            for place, pair in enumerate(zip(expected.ravel(), actual.ravel())):
                self.check(pair[0], pair[1], where + index_of(place, expected.shape))
        else:
            self._check_numbers(expected, actual, where)

    def _check_numbers(self, expected: Any, actual: Any, where: str) -> None:
        """Compare arrays of one dtype; only floats and complex numbers may be merely close."""
        shape, expected, actual = expected.shape, expected.ravel(), actual.ravel()
        near = expected == actual
        if expected.dtype.kind in "fc":
            near, largest = _near(expected, actual, near, self._relative)
            self.largest = max(self.largest, largest)
        elif expected.dtype.kind in "mM":
            near = near | ((expected != expected) & (actual != actual))  # noqa: PLR0124  # NaT
        if not near.all():
            place = int((~near).nonzero()[0][0])
            many = "%d of %d differ, the first: " % (int((~near).sum()), near.size)
            what = "%s became %s" % (item_of(expected, place), item_of(actual, place))
            what += how_far(expected, actual)
            differ(where + index_of(place, shape), many + what)

    def _check_frame(self, expected: Any, actual: Any, where: str) -> None:
        _check_axis(expected.columns, actual.columns, where + ".columns")
        _check_axis(expected.index, actual.index, where + ".index")
        for place in range(len(expected.columns)):
            column = where + step(expected.columns[place])
            self.check(expected.iloc[:, place], actual.iloc[:, place], column)

    def _check_series(self, expected: Any, actual: Any, where: str) -> None:
        _check_axis(expected.index, actual.index, where + ".index")
        _check_traits(expected, actual, where, ("dtype", "name"))
        if hasattr(expected.dtype, "categories"):  # their order does not count for the dtype
            names = expected.dtype.categories, actual.dtype.categories
            _check_axis(names[0], names[1], where + ".categories")
        # For dtype object, `equals` takes None for nan.
        if expected.dtype == object or not expected.equals(actual):
            self._check_array(expected.to_numpy(), actual.to_numpy(), where)

    def _check_extension(self, expected: Any, actual: Any, where: str) -> None:
        series = sys.modules["pandas"].Series
        self._check_series(series(expected), series(actual), where)

    def _check_fields(self, expected: Any, actual: Any, where: str) -> None:
        """Compare two dataclass instances field by field, unless they compare as equal."""
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
    """Return a sparse matrix in canonical CSR form: sorted, each place once."""
    made = matrix.tocsr(copy=True)
    made.sum_duplicates()
    made.eliminate_zeros()
    return made


def _moved(one: Any, other: Any) -> bool:
    """Return whether two matrices with as many values have them at different places."""
    apart = [getattr(one, name) != getattr(other, name) for name in ("indptr", "indices")]
    return any(bool(each.any()) for each in apart)


def _check_traits(
    expected: Any, actual: Any, where: str, traits: Sequence[str] = ("dtype", "shape")
) -> None:
    for trait in traits:
        before, after = getattr(expected, trait), getattr(actual, trait)
        if before != after:
            differ(where, "%s %s became %s" % (trait, before, after))


def _near(expected: Any, actual: Any, same: Any, relative: float) -> tuple[Any, float]:
    """Return which elements are equal or close, and the largest difference among them."""
    numpy = sys.modules["numpy"]
    near = same
    if expected.dtype.kind in "fc":
        near = near | (numpy.isnan(expected) & numpy.isnan(actual))
    if near.all() or expected.dtype.kind not in "fc":
        return near, 0.0
    with numpy.errstate(all="ignore"):
        apart = numpy.where(near, 0.0, numpy.abs(expected - actual))
        scale = numpy.maximum(numpy.abs(expected), numpy.abs(actual))
        limit = numpy.maximum(ABSOLUTE, relative * scale)
        near = near | (numpy.isfinite(apart) & (apart <= limit))
    return near, float(apart[near].max(initial=0.0))


def _check_axis(expected: Any, actual: Any, where: str) -> None:
    # `equals` ignores the type and the names of an index.
    before, after = _axis(expected), _axis(actual)
    if before != after:
        differ(where, "%s became %s" % (before, after))
    if not expected.equals(actual):
        differ(where, "%.80r became %.80r" % (list(expected), list(actual)))


def _axis(index: Any) -> str:
    return "%s of %s named %r" % (class_of(index), index.dtype, list(index.names))


def _check_other(expected: object, actual: object, where: str) -> None:
    """Compare values of an unknown type: by ``==``, else by their pickles."""
    try:
        same = (expected == actual) is True and _form(expected) == _form(actual)
    except Exception:  # noqa: BLE001  # any class's __eq__ may raise: the pickles decide
        same = False
    if not same and not _same_pickles(expected, actual):
        differ(where, "%s became %s" % (shown(expected), shown(actual)))


def _form(value: Any) -> Any:
    """Return details in which equal values may differ: a decimal's digits, a time's offset."""
    if type(value) is decimal.Decimal:
        return value.as_tuple()
    return value.utcoffset() if isinstance(value, (datetime.datetime, datetime.time)) else None


def _same_pickles(one: object, other: object) -> bool:
    # cloudpickle, if the model has it, pickles classes of a script too.
    dumps = getattr(sys.modules.get("cloudpickle"), "dumps", pickle.dumps)
    try:
        return bool(dumps(one) == dumps(other))
    except Exception:  # noqa: BLE001  # without a pickle it equals nothing
        return False
