"""Builders of environments from pins: uv, venv and pip, or conda."""
