"""Remarks on what was seen to run: distributions that could stay out, or be needed after all."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...base.siblings import resolver

_OURS = "modelenv"


def iter_remarks(attribution: resolver.Attribution, present: Collection[str]) -> Iterator[str]:
    """Yield notes on distributions, of which those `present` are pinned or provided."""
    yield from _called(attribution, present)
    yield from _ours(attribution, present)


def _called(attribution: resolver.Attribution, present: Collection[str]) -> Iterator[str]:
    """Yield a note on distributions that were called but left out: other inputs may need them."""
    called = [
        f"{item.distribution.name} (by {item.called.place})"
        for item in attribution.of_kind("optional")
        if item.called is not None and item.distribution.name not in present
    ]
    if called:
        yield (
            "called while predicting, and left out, since the prediction is the same without:"
            f" {', '.join(called)}; further_examples= with other inputs would show whether it is"
        )


def _ours(attribution: resolver.Attribution, present: Collection[str]) -> Iterator[str]:
    """Yield a note if the model's own code imports modelenv, as the module that saves it does."""
    for item in attribution.of_kind("direct"):
        if item.distribution.name == _OURS and _OURS in present:
            place = next((each.place for each in item.evidence if each.kind == "module"), "")
            if place:
                yield (
                    f"{_OURS} is pinned, with all that it requires, because {place} imports it:"
                    " import it in the function that saves, and the model does without"
                )
