from __future__ import annotations

from index import Index

DOCUMENTS = {"harbour": "ships sailing and sailors", "garden": "planting trees and plants"}


def build() -> tuple[Index, list[str]]:
    return Index(DOCUMENTS, "english"), ["sails", "planted", "ship", "stone"]
