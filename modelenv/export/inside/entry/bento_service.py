"""Serve the model beside this file with BentoML 1.4."""

from __future__ import annotations

import typing

import bentoml
import predicting

NAME = "model"


@bentoml.service(name=NAME)
class ModelService:
    """The model, behind one route: ``POST /predict`` with ``{"data": ...}``."""

    def __init__(self) -> None:
        self.model = predicting.load()

    @bentoml.api
    def predict(self, data: typing.Any) -> typing.Any:
        """Return the prediction for rows given as JSON."""
        return predicting.as_json(self.model.predict(predicting.as_input(data)))
