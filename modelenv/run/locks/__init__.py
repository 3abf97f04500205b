"""The locks that lie beside a model's pins: held to them, and proven instead of them."""
