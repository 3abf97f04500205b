# /// script
# requires-python = ">=3.11"
# dependencies = ["polars", "polars-ds"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""Places however they are spelled: polars, with an expression that runs in a plugin's library."""

from typing import Any

import polars as pl

import modelenv


class Places:
    """Words as somebody wrote them -> the known place that each is likest to."""

    def load_context(self, context: Any) -> None:
        import polars_ds

        self.known = pl.read_csv(context.artifacts["places"])
        self.likeness = polars_ds.str_jw("written", "place")

    def predict(self, context: Any, words: list[str]) -> list[str]:
        pairs = pl.DataFrame({"written": words}).with_row_index().join(self.known, how="cross")
        ordered = pairs.with_columns(likeness=self.likeness).sort("index", "likeness")
        return ordered.group_by("index", maintain_order=True).last()["place"].to_list()


names = ["Gothenburg", "Copenhagen", "Helsinki", "Tallinn", "Trondheim"]
pl.DataFrame({"place": names}).write_csv("places.csv")
saved = modelenv.save_model(
    Places(),
    "places_model",
    input_example=["Kopenhagen", "Talin", "Trondhjem"],
    artifacts={"places": "places.csv"},
    overwrite=True,
)
print(saved)
