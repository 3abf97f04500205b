from __future__ import annotations

from collections.abc import Iterable

from nltk.classify import NaiveBayesClassifier
from nltk.stem import PorterStemmer
from nltk.tokenize import TreebankWordTokenizer


def words(text: str) -> dict[str, bool]:
    """Return the stemmed words of `text` as features."""
    stemmer = PorterStemmer()
    return {stemmer.stem(word): True for word in TreebankWordTokenizer().tokenize(text)}


class Opinion:
    """A naive Bayes classifier of short texts."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self.classifier = NaiveBayesClassifier.train([(words(t), label) for t, label in texts])

    def predict(self, texts: list[str]) -> list[dict[str, float]]:
        shares = [self.classifier.prob_classify(words(text)) for text in texts]
        return [{label: share.prob(label) for label in sorted(share.samples())} for share in shares]
