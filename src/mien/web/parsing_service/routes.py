"""`GET /engine`, `POST /parse` for other Miens, and `POST /predict`, the article's, for all programs."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

import mien
from mien.errors import MienError
from mien.parsing.remote import protocol
from mien.web.failures import Failure
from mien.web.parsing_service import bodies
from mien.web.parsing_service.service import ThisService
from mien.web.rendering import Json
from mien.web.services.predict import Prediction
from mien.web.services.prediction import LIMITS
from mien.web.services.received import FIELD, REFUSALS, check, name_of

router = APIRouter(tags=["parsing"])

_PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/webp", "image/png")},
    }
}
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image"],
                    "properties": {"image": {"type": "string", "format": "binary", "description": FIELD}},
                }
            }
        },
    }
}
_OTHER_VERSION: dict[int | str, dict[str, Any]] = {
    409: {"model": Failure, "description": "`Mien-Protocol` names another version of the protocol than is spoken here."}
}


@router.get("/engine", summary="What this service is")
async def engine(service: ThisService) -> Response:
    """Which engine works here, by which version of the protocol, and how large pictures may be."""
    return Json(service.description.to_json())


@router.post(
    "/parse",
    summary="Parse a picture, exactly",
    response_class=Response,
    openapi_extra=_PICTURE,
    responses={**REFUSALS, **_OTHER_VERSION, 200: {"content": {protocol.PARSE_TYPE: {}}}},
)
async def parse(request: Request, service: ThisService) -> Response:
    """A parse as Mien keeps it (a NumPy archive), of a picture in lossless WebP or PNG: three channels, sRGB, upright;
    its metadata are not looked at. `Mien-Engine` names the engine that made it. Nothing is kept."""
    theirs = request.headers.get(protocol.PROTOCOL_HEADER, str(protocol.VERSION))
    if theirs != str(protocol.VERSION):
        raise MienError("remote-protocol", theirs=theirs[:20], ours=protocol.VERSION, our_mien=mien.__version__)
    with service.workers.admitted() as submit:
        picture = await bodies.body(request, protocol.MAX_BYTES)
        identity, made = await service.parse(submit, picture)
    headers = {protocol.ENGINE_HEADER: identity.to_header(), protocol.PROTOCOL_HEADER: str(protocol.VERSION)}
    return Response(made, media_type=protocol.PARSE_TYPE, headers=headers)


@router.post("/predict", summary="Parse a photo", response_model=Prediction, openapi_extra=_FORM, responses=REFUSALS)
async def predict(request: Request, service: ThisService) -> Response:
    """The masks of everybody in a photo of at most 100 megapixels and 128 MB, as an album answers. Nothing is kept."""
    with service.workers.admitted() as submit:
        image = await bodies.photo_of(request, LIMITS.max_bytes)
        await check(image, LIMITS)
        answer = await service.predict(submit, await image.read(), name_of(image))
    return Response(answer, media_type="application/json")
