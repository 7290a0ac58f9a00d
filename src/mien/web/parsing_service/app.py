"""The application of a parsing service."""

from fastapi import FastAPI

import mien
from mien.web import failures
from mien.web.access import Access
from mien.web.guard import Guard
from mien.web.parsing_service.routes import router
from mien.web.parsing_service.service import Service


def create_service_app(service: Service, access: Access) -> FastAPI:
    """The application that has `service` work for those whom `access` lets in. Opening and closing is the caller's."""
    app = FastAPI(
        title="Mien, parser only",
        summary="Finds people and their parts in photos that other machines send.",
        version=mien.__version__,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": failures.Failure, "description": "It was not done, and why."}},
    )
    app.state.service = service
    app.add_middleware(Guard, access=access)
    failures.install(app)
    app.include_router(router)
    return app
