# /// script
# requires-python = ">=3.11"
# dependencies = ["torch", "transformers"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""The next words of a sentence, by a language model that is small enough to be made here."""

from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import modelenv

TALE = "the ship left the harbour and the wind took the ship to the sea and the sea was calm"


class Story:
    """The beginning of a sentence -> the same with five words more, the likeliest each time."""

    def load_context(self, context: Any) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        place = context.artifacts["language_model"]
        self.words = AutoTokenizer.from_pretrained(place)
        self.network = AutoModelForCausalLM.from_pretrained(place)

    def predict(self, context: Any, beginnings: list[str]) -> list[str]:
        given = [self.words(each, return_tensors="pt") for each in beginnings]
        told = [self.network.generate(**each, max_new_tokens=5, do_sample=False) for each in given]
        return [self.words.decode(each[0]) for each in told]


words = Tokenizer(models.WordLevel(unk_token="?"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
words.train_from_iterator([TALE], trainers.WordLevelTrainer(special_tokens=["?"]))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?", pad_token="?")

torch.manual_seed(0)
size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
network = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **size, **heads))
tale = tokenizer(TALE, return_tensors="pt")["input_ids"]
optimizer = torch.optim.AdamW(network.parameters(), 0.01)
for _ in range(60):
    network(tale, labels=tale).loss.backward()
    optimizer.step()
    optimizer.zero_grad()

network.save_pretrained("language_model")
tokenizer.save_pretrained("language_model")
saved = modelenv.save_model(
    Story(),
    "story_model",
    input_example=["the wind took"],
    artifacts={"language_model": "language_model"},
    overwrite=True,
)
print(saved)
