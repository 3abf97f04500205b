from __future__ import annotations

from benchmarks.accuracy.judging.score import Drift, score

NEEDED = {"numpy": "2.2.3", "scipy": "1.15.2"}


def test_the_minimal_environment_is_perfect() -> None:
    found = score(NEEDED, NEEDED)
    assert found.perfect
    assert (found.missing, found.superfluous, found.drifted) == ((), (), ())


def test_what_is_needed_and_absent_is_missing() -> None:
    found = score(NEEDED, {"numpy": "2.2.3"})
    assert found.missing == ("scipy",)
    assert not found.perfect


def test_what_is_there_and_not_needed_is_superfluous_loaded_or_not() -> None:
    found = score(NEEDED, {**NEEDED, "six": "1.17.0", "pandas": "2.2.3"}, ["six", "scipy"])
    assert found.superfluous == ("pandas", "six")
    assert found.never_loaded == ("six",)
    assert not found.perfect


def test_another_version_of_a_needed_one_is_a_drift() -> None:
    found = score(NEEDED, {"numpy": "2.4.6", "scipy": "1.15.2"})
    assert found.drifted == (Drift("numpy", "2.2.3", "2.4.6"),)
    assert str(found.drifted[0]) == "numpy 2.2.3 -> 2.4.6"
    assert not found.perfect


def test_another_version_of_a_superfluous_one_is_no_drift() -> None:
    assert score({}, {"six": "1.17.0"}).drifted == ()
