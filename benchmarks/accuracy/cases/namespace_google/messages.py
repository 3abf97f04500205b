from __future__ import annotations

from google.protobuf import json_format, struct_pb2


class Messages:
    """Records as protobuf bytes, with a score added."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    def predict(self, records: list[dict[str, float]]) -> list[dict[str, object]]:
        return [self._answer(record) for record in records]

    def _answer(self, record: dict[str, float]) -> dict[str, object]:
        message = struct_pb2.Struct()
        score = sum(self.weights[key] * value for key, value in record.items())
        message.update({**record, "score": score})
        size = message.ByteSize()
        return {"message": json_format.MessageToDict(message), "bytes": size}
