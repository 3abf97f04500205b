"""Remarks on distributions that could stay out."""

from __future__ import annotations

from modelenv.environments.interpreter import Python
from modelenv.save.observe.remarks import iter_remarks
from resolver import Attributed, Attribution, Evidence
from resolver.attribution.values import Kind


def seen(name: str, kind: Kind, *evidence: Evidence) -> Attribution:
    """Return an attribution of one distribution that is installed here."""
    found = Python.current().installed().get(name)
    assert found is not None
    return Attribution((Attributed(found, kind, evidence, 1),), (), ())


def test_a_model_whose_own_code_imports_modelenv_is_told_how_it_does_without() -> None:
    at_top = Evidence("modelenv", "train", "train.py", 1)
    (note,) = iter_remarks(seen("modelenv", "direct", at_top), {"modelenv"})
    assert "because train.py:1 imports it" in note


def test_who_requires_modelenv_or_has_it_not_pinned_is_told_nothing() -> None:
    at_top = Evidence("modelenv", "train", "train.py", 1)
    assert list(iter_remarks(seen("modelenv", "direct", at_top), ())) == []
    assert list(iter_remarks(seen("modelenv", "declared"), {"modelenv"})) == []
    assert list(iter_remarks(seen("packaging", "direct", at_top), {"packaging"})) == []
