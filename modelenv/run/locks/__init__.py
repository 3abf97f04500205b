"""The locks beside a model's pins: compared with them, or proven instead of them."""
