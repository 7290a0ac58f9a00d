"""A browser's or program's connection: who says nothing is not waited for, and every answer looks like ours."""

import asyncio
from http import HTTPStatus
from typing import Any

import h11
from fastapi import Request
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from mien.language import speaking, text
from mien.web.guard import HEADERS, language_of
from mien.web.rendering import Json

CONNECTIONS = 200
"""At a time; a browser opens six."""

PATIENCE = 10.0
"""Seconds in which a request's head must be there, from the connection or from its own first byte; and to wait for
more of a body that nobody needs any more."""


class Connection(H11Protocol):
    """uvicorn's, which waits for ever for a head, and answers what it refuses itself with plain text."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._awaiting: asyncio.TimerHandle | None = None
        self.app = self._unless_crowded

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._await(PATIENCE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._await(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing() or (self.cycle is not None and not self.cycle.response_complete):
            self._await(None)
        elif self._awaiting is None or self.conn.their_state is not h11.IDLE:  # the rest of what was answered already
            self._await(PATIENCE)

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        answer = Json({"error": text("web.failure.400")}, HTTPStatus.BAD_REQUEST, {**HEADERS, "Connection": "close"})
        head = h11.Response(status_code=answer.status_code, headers=answer.raw_headers, reason=b"Bad Request")
        for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await(self, seconds: float | None) -> None:
        """Give the connection up after so many seconds; None: do not."""
        if self._awaiting is not None:
            self._awaiting.cancel()
        self._awaiting = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

    async def _unless_crowded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(self.connections) <= CONNECTIONS:
            await self.config.loaded_app(scope, receive, send)
            return
        with speaking(language_of(Request(scope))):
            words = text("web.failure.crowded")
        headers = {**HEADERS, "Connection": "close", "Retry-After": "5"}
        await Json({"error": words}, HTTPStatus.SERVICE_UNAVAILABLE, headers)(scope, receive, send)
