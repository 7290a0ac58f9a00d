"""A parsing service with the fake engine, and a program that asks it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from mien.web.access import Access
from mien.web.parsing_service.app import create_service_app
from mien.web.parsing_service.service import Service
from tests.indexing.conftest import changes
from tests.indexing.fake import FakeParser
from tests.web.conftest import ADDRESS

__all__ = ["changes"]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """With one worker process, which all tests of a module share."""
    opened = Service("fake", jobs=1, make_parser=FakeParser)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def program(service: Service) -> TestClient:
    """A program on this computer that reads English."""
    return TestClient(create_service_app(service, Access()), base_url=ADDRESS, headers={"Accept-Language": "en"})
