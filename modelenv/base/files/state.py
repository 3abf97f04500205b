"""The place of data kept between runs: production observations, results of fleets."""

from __future__ import annotations

from pathlib import Path

from ..settings import Settings
from .temporary import temporary_folder


def state_folder(settings: Settings) -> Path:
    """Return the user's state folder, or the one that MODELENV_STATE_DIR names."""
    configured = settings.environment.get("MODELENV_STATE_DIR")
    if configured:
        return Path(configured)
    from platformdirs import user_state_path

    try:
        return user_state_path("modelenv", appauthor=False)
    except RuntimeError:  # a user without a name and without HOME, as in an image
        return Path(temporary_folder()) / ".local/state/modelenv"
