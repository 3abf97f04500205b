"""A loaded model, as a caller predicts with it."""

from __future__ import annotations

from typing import Any, Protocol


class LoadedModel(Protocol):
    """A loaded model: one method, whatever the name of its own."""

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the prediction for `data`; `params` are for this call alone."""
        ...
