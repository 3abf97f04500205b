from __future__ import annotations

import decimal


def use_half_up() -> None:
    """Round halves up, here and in threads that start later."""
    decimal.DefaultContext.rounding = decimal.ROUND_HALF_UP
    decimal.getcontext().rounding = decimal.ROUND_HALF_UP
