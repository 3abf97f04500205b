"""Do we read what other tools write, and do they read what we write, and mean the same?"""

from __future__ import annotations

from .command import main

__all__ = ["main"]
