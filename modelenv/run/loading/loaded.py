"""A loaded model, as a caller predicts with it."""

from __future__ import annotations

from typing import Any, Protocol


class LoadedModel(Protocol):
    """A model that was loaded: one method, however its own is called."""

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the prediction for `data`; `params` are for this call alone."""
        ...
