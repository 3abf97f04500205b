"""stub."""

from typing import Any


async def answer(exchange: Any, models: Any, settings: Any) -> None:
    await exchange.answer_json({})
