"""Move of a model only what advisories name."""
