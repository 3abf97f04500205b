"""Wrap the handler of a route: allowed methods, errors in one form, observed answers."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable

from ..errors import OUR_FAULT, RequestError, client_left
from .exchange import HttpExchange, Message, Receive, Send
from .served import AnswerSink

Handler = Callable[[HttpExchange], Awaitable[None]]
_LEFT = client_left().status


class Endpoint:
    """An ASGI application that answers the requests to one route."""

    __slots__ = ("_answer", "_methods", "_observer", "_route")

    def __init__(
        self, answer: Handler, observer: AnswerSink, route: str, methods: tuple[str, ...] = ()
    ) -> None:
        self._answer = answer
        self._observer = observer
        self._route = route
        self._methods = ("GET", "HEAD") if methods == ("GET",) else methods
        """The allowed methods; an empty set allows all."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = HttpExchange(scope, receive, send)
        try:
            await self._answered(exchange)
        except Exception as error:
            exchange.break_off(_our_fault(error))
            raise  # the connection ends
        finally:
            if exchange.status:
                self._observer.answered(exchange, exchange.model, self._route)

    async def _answered(self, exchange: HttpExchange) -> None:
        try:
            self._check_method(exchange)
            await self._answer(exchange)
        except RequestError as error:
            if error.status == _LEFT:
                exchange.leave(error)
            elif exchange.status:
                raise
            else:
                await exchange.refuse(error)
        except Exception as error:  # a bug: the client gets the request's id, the log the error
            if exchange.status:
                raise
            await exchange.refuse(_our_fault(error))

    def _check_method(self, exchange: HttpExchange) -> None:
        if self._methods and exchange.method not in self._methods:
            allowed = ", ".join(self._methods)
            message = f"{self._route} answers {allowed}, and not {exchange.method[:40]}"
            raise RequestError(405, "METHOD_NOT_ALLOWED", message, headers=(("allow", allowed),))


def _our_fault(error: Exception) -> RequestError:
    message = "the server failed: its log has the details under this request's id"
    told = RequestError(500, OUR_FAULT, message)
    told.__cause__ = RuntimeError("".join(traceback.format_exception(error)))
    return told
