"""What builds an environment from the pins: uv, venv and pip, or conda."""
