"""What many visitors order from one process: each thing is made once for all who wait, and for nobody if all left."""

import asyncio
import functools
import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field
from typing import Any

from mien.errors import WorkerLost

Keep = Callable[[Any], None]


@dataclass(order=True)
class _Order:
    urgency: int
    number: int
    key: str = field(compare=False)
    call: Callable[..., Any] = field(compare=False)
    args: tuple[Any, ...] = field(compare=False)
    keep: Keep | None = field(compare=False)
    future: Future[Any] = field(compare=False, default_factory=Future)
    waiting: int = field(compare=False, default=0)


class Orders:
    """Gives an executor one task at a time, so that an urgent one is the next; equally urgent ones are made in turn."""

    def __init__(self, start: Callable[[], Executor]) -> None:
        """`start` makes the executor, when the first order comes in."""
        self._start = start
        self._executor: Executor | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._orders: dict[str, _Order] = {}
        self._queue: list[_Order] = []
        self._is_busy = self._is_closed = False

    async def made(
        self, key: str, call: Callable[..., Any], *args: Any, urgency: int = 0, keep: Keep | None = None
    ) -> Any:
        """What `call(*args)` gives or raises in the executor. Raises `WorkerLost` (`worker-dropped`) once closed.

        Args:
            key: orders with equal keys are one.
            urgency: the smallest goes first.
            keep: called with the result, even if all who waited have left meanwhile.
        """
        with self._lock:
            if self._is_closed:
                raise WorkerLost("worker-dropped")
            order = self._orders.get(key)
            if order is None:
                order = self._orders[key] = _Order(urgency, next(self._numbers), key, call, args, keep)
                heapq.heappush(self._queue, order)
            order.waiting += 1
        self._next()
        try:
            return await asyncio.shield(asyncio.wrap_future(order.future))
        except asyncio.CancelledError:
            if order.future.cancelled():  # by `close`; else it is this visitor who left
                raise WorkerLost("worker-dropped") from None
            raise
        finally:
            self._leave(order)

    def close(self) -> None:
        """End at once, whatever is in work."""
        with self._lock:
            self._is_closed = True
            waiting, self._queue = self._queue, []
            executor, self._executor = self._executor, None
        for order in waiting:
            order.future.cancel()
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _leave(self, order: _Order) -> None:
        with self._lock:
            order.waiting -= 1
            if order.waiting == 0 and order.future.cancel():  # one that is in work is finished
                self._orders.pop(order.key, None)

    def _next(self) -> None:
        """Give the executor the next order that it takes, if it has none."""
        with self._lock:
            if self._is_busy or self._is_closed:
                return
            while self._queue:
                order = heapq.heappop(self._queue)
                if not order.future.set_running_or_notify_cancel():
                    continue
                try:
                    self._executor = self._executor or self._start()
                    work = self._executor.submit(order.call, *order.args)
                except Exception as error:
                    del self._orders[order.key]
                    order.future.set_exception(error)
                    continue
                self._is_busy = True
                break
            else:
                return
        work.add_done_callback(functools.partial(self._done, order))

    def _done(self, order: _Order, work: Future[Any]) -> None:
        try:
            result = work.result()
            if order.keep is not None:
                order.keep(result)
        except CancelledError:
            order.future.set_exception(WorkerLost("worker-dropped"))
        except BaseException as error:
            order.future.set_exception(error)
        else:
            order.future.set_result(result)
        with self._lock:
            self._is_busy = False
            self._orders.pop(order.key, None)
        self._next()
