"""The wheels of a model's pins for a platform: locked, fetched, chosen and unpacked."""
