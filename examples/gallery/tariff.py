# /// script
# requires-python = ">=3.11"
# dependencies = ["harbour-tariffs"]
# [tool.uv.sources]
# harbour-tariffs = { path = "../tariffs" }
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""What a ferry owes a harbour: rules of a package of one's own, which no index has."""

from tariffs import Tariff

import modelenv

ships = [{"passengers": 120.0}, {"passengers": 860.0}]
model = Tariff("ferries", locale="sv_SE")
saved = modelenv.save_model(model, "tariff_model", input_example=ships, overwrite=True)
print(saved)
