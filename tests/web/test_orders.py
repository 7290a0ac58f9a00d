"""Orders: made once for all who wait, the urgent first, and not at all if nobody waits any more."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest

from mien.errors import WorkerLost
from mien.web.pictures.orders import Orders


class Kitchen:
    """One cook, who waits before each dish until told to go on."""

    def __init__(self) -> None:
        self.cooked: list[str] = []
        self.kept: list[str] = []
        self.at_work = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.started = 0
        self.shortages = 0

    def start(self) -> Executor:
        if self.shortages:
            self.shortages -= 1
            raise OSError("no room for a cook")
        self.started += 1
        return ThreadPoolExecutor(1)

    def cook(self, dish: str) -> str:
        self.at_work.release()
        self.go.acquire()
        if dish == "soufflé":
            raise ValueError("fell in")
        self.cooked.append(dish)
        return dish.upper()

    async def until_at_work(self) -> None:
        await asyncio.to_thread(self.at_work.acquire)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def orders(kitchen: Kitchen) -> Iterator[Orders]:
    made = Orders(kitchen.start)
    yield made
    kitchen.go.release(100)
    made.close()


def order(orders: Orders, kitchen: Kitchen, dish: str, urgency: int = 1) -> "asyncio.Task[str]":
    return asyncio.ensure_future(orders.made(dish, kitchen.cook, dish, urgency=urgency, keep=kitchen.kept.append))


def test_nothing_is_started_before_the_first_order(orders: Orders, kitchen: Kitchen) -> None:
    assert kitchen.started == 0


def test_equal_orders_are_made_once(orders: Orders, kitchen: Kitchen) -> None:
    async def run() -> None:
        waiting = [order(orders, kitchen, "tea") for _ in range(5)]
        await kitchen.until_at_work()
        waiting += [order(orders, kitchen, "tea") for _ in range(5)]
        await asyncio.sleep(0)
        kitchen.go.release()
        assert await asyncio.gather(*waiting) == ["TEA"] * 10

    asyncio.run(run())
    assert kitchen.cooked == ["tea"]
    assert kitchen.kept == ["TEA"]
    assert kitchen.started == 1


def test_the_urgent_goes_first_and_the_rest_in_turn(orders: Orders, kitchen: Kitchen) -> None:
    async def run() -> None:
        waiting = [order(orders, kitchen, "tea")]
        await kitchen.until_at_work()
        waiting += [order(orders, kitchen, dish) for dish in ("rice", "soup", "cake")]
        waiting.append(order(orders, kitchen, "water", urgency=0))
        await asyncio.sleep(0)
        kitchen.go.release(5)
        await asyncio.gather(*waiting)

    asyncio.run(run())
    assert kitchen.cooked == ["tea", "water", "rice", "soup", "cake"]


def test_what_nobody_waits_for_is_not_made(orders: Orders, kitchen: Kitchen) -> None:
    async def run() -> None:
        tea = order(orders, kitchen, "tea")
        await kitchen.until_at_work()
        rice = [order(orders, kitchen, "rice") for _ in range(2)]
        soup = [order(orders, kitchen, "soup") for _ in range(2)]
        await asyncio.sleep(0)
        for left in (*rice, soup[0], tea):
            left.cancel()
        await asyncio.gather(*rice, soup[0], tea, return_exceptions=True)
        kitchen.go.release(9)
        assert await soup[1] == "SOUP"
        assert await order(orders, kitchen, "rice") == "RICE"  # who comes back is served

    asyncio.run(run())
    assert kitchen.cooked == ["tea", "soup", "rice"]
    assert kitchen.kept == ["TEA", "SOUP", "RICE"]  # what was in work when its guest left is not thrown away


def test_a_failure_is_told_to_all_and_tried_again_for_the_next(orders: Orders, kitchen: Kitchen) -> None:
    async def run() -> None:
        kitchen.go.release(9)
        both = await asyncio.gather(*(order(orders, kitchen, "soufflé") for _ in range(2)), return_exceptions=True)
        assert [str(error) for error in both] == ["fell in"] * 2
        with pytest.raises(ValueError, match="fell in"):
            await order(orders, kitchen, "soufflé")
        assert await order(orders, kitchen, "tea") == "TEA"

    asyncio.run(run())


def test_where_no_work_can_begin_all_are_told_and_the_next_try_may_do(orders: Orders, kitchen: Kitchen) -> None:
    async def run() -> None:
        kitchen.shortages = 2
        kitchen.go.release(9)
        for dish in ("tea", "rice"):
            with pytest.raises(OSError, match="no room"):
                await asyncio.wait_for(order(orders, kitchen, dish), 10)
        assert await asyncio.wait_for(order(orders, kitchen, "tea"), 10) == "TEA"

    asyncio.run(run())


def test_an_order_that_is_refused_does_not_hold_up_those_behind_it(orders: Orders, kitchen: Kitchen) -> None:
    class Picky(ThreadPoolExecutor):
        def submit(self, call: Any, /, *args: Any, **more: Any) -> Any:
            if args == ("rice",):
                raise RuntimeError("not that")
            return super().submit(call, *args, **more)

    async def run() -> None:
        picky = Orders(lambda: Picky(1))
        waiting = [order(picky, kitchen, "tea")]
        await kitchen.until_at_work()
        waiting += [order(picky, kitchen, dish) for dish in ("rice", "soup")]
        await asyncio.sleep(0)
        kitchen.go.release(9)
        tea, rice, soup = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10)
        assert (tea, str(rice), soup) == ("TEA", "not that", "SOUP")
        picky.close()

    asyncio.run(run())


def test_closing_ends_all_waiting(orders: Orders, kitchen: Kitchen) -> None:
    async def run() -> None:
        tea = order(orders, kitchen, "tea")
        await kitchen.until_at_work()
        rice = order(orders, kitchen, "rice")
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(asyncio.to_thread(orders.close))
        with pytest.raises(WorkerLost):
            await rice
        with pytest.raises(WorkerLost):
            await order(orders, kitchen, "soup")
        kitchen.go.release(9)  # a thread cannot be ended at once, as a process can
        await closing
        assert await tea == "TEA"

    asyncio.run(run())
    assert kitchen.cooked == ["tea"]
