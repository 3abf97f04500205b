"""Explanations of an answer: the account of each choice, the sentences of a conflict."""
