"""One engine as it is served."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request

import mien
from mien.errors import MienError
from mien.indexing.engine import worker_memory
from mien.indexing.local import default_jobs
from mien.parsing.engines import create_parser
from mien.parsing.remote import protocol
from mien.parsing.remote.protocol import Description, Identity
from mien.web.background.workers import Submit, Workers
from mien.web.parsing_service import engine as working
from mien.web.parsing_service.engine import MakeParser
from mien.web.services.received import by_worker

SECONDS = 60.0
"""For one photo; less than those who ask have patience for (`parsing.remote.client.ANSWERED`), so that they learn which
photo it was."""

ANSWERED = 90.0
"""Seconds after which who waits is told to come again: there are others before."""


class Service:
    """An engine in `jobs` worker processes (default: one per core, as far as memory goes)."""

    def __init__(self, engine: str, *, jobs: int | None = None, make_parser: MakeParser = create_parser) -> None:
        self._engine, self._make_parser = engine, make_parser
        self.workers = Workers(jobs or default_jobs(worker_memory(engine)), SECONDS)
        self._fingerprint = ""

    def open(self) -> None:
        """Load the engine. Raises `MienError` if that cannot be done."""
        with self.workers.admitted() as submit:
            self._fingerprint = submit(working.identify, self._make_parser, self._engine).result()

    def close(self) -> None:
        """End at once, dropping what is in work."""
        self.workers.close()

    @property
    def description(self) -> Description:
        """What it says of itself."""
        return Description(mien.__version__, protocol.VERSION, self._engine, self._fingerprint, self.workers.jobs)

    async def parse(self, submit: Submit, picture: bytes) -> tuple[Identity, bytes]:
        """By which engine, and `Parse.to_bytes`. Raises `MienError`."""
        fingerprint, parse = await self._worked(submit, "", working.parse, picture)
        self._fingerprint = fingerprint  # the files of a network may be replaced while this goes on
        return Identity(self._engine, fingerprint), parse

    async def predict(self, submit: Submit, data: bytes, name: str) -> bytes:
        """The article's answer, as JSON. Raises `MienError`."""
        answer: bytes = await self._worked(submit, name, working.predict, data, name)
        return answer

    async def _worked(self, submit: Submit, name: str, call: Callable[..., Any], *args: Any) -> Any:
        try:
            async with asyncio.timeout(ANSWERED):
                return await by_worker(submit, name, call, *args, self._make_parser, self._engine)
        except TimeoutError:
            raise MienError("too-busy") from None


def service_of(request: Request) -> Service:
    """The service of this application."""
    service: Service = request.app.state.service
    return service


ThisService = Annotated[Service, Depends(service_of)]
"""The parameter of a route that works on it."""
