from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from stems import stems

TEXTS = [
    "The engine stopped and smoked", "Brakes squeal when braking", "Engine oil leaking badly",
    "The cake was delicious", "Baked two loaves of bread", "A delicious soup, freshly cooked",
]  # fmt: skip
TOPICS = ["cars", "cars", "cars", "food", "food", "food"]


def build() -> tuple[Pipeline, list[str]]:
    pipeline = make_pipeline(TfidfVectorizer(analyzer=stems), LogisticRegression())
    return pipeline.fit(TEXTS, TOPICS), ["engines leak oil", "baking a cake", "cooking soups"]
