from __future__ import annotations

from pieces import Pieces
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.trainers import BpeTrainer

TEXTS = ["the tide rises", "the tide falls", "rising tides fall", "a fallen tree rises"] * 3


def build() -> tuple[Pieces, list[str]]:
    tokenizer = Tokenizer(BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    trainer = BpeTrainer(vocab_size=60, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return Pieces(tokenizer), ["the rising tide", "a tree falls"]
