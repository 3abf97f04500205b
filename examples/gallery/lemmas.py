# /// script
# requires-python = ">=3.11"
# dependencies = ["spacy", "spacy-lookups-data"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""Words of a Swedish text by their lemma: spaCy, with tables that another distribution brings."""

from typing import Any

import modelenv


class Lemmas:
    """A pipeline that looks each word up; it is made where the model is loaded."""

    def load_context(self, context: Any) -> None:
        import spacy

        self.pipeline = spacy.blank("sv")
        self.pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
        self.pipeline.initialize()

    def predict(self, context: Any, texts: list[str]) -> list[list[str]]:
        return [[word.lemma_ for word in self.pipeline(text)] for text in texts]


example = ["flickorna sprang hem", "de gamla husen brann"]
saved = modelenv.save_model(Lemmas(), "lemmas_model", input_example=example, overwrite=True)
print(saved)
