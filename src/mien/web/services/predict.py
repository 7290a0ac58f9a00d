"""`POST /predict`, the article's parsing service."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field

from mien.errors import UnreadablePhoto
from mien.indexing.engine import chosen
from mien.web.album import ThisAlbum
from mien.web.services.prediction import LIMITS, predict
from mien.web.services.received import FIELD, REFUSALS, by_worker, check, name_of

router = APIRouter(tags=["services"])


@dataclass(frozen=True)
class Mask:
    """One part of one person."""

    category_id: Annotated[int, Field(ge=1, le=19, description="The part: one of the 19 of CIHP, in their order.")]
    mask: Annotated[str, Field(description="PNG in Base64: one channel, 255 where the part is, 0 elsewhere.")]
    confidence: Annotated[float, Field(ge=0, le=1, description="Mean probability of the part where it is.")]
    person_id: Annotated[int, Field(ge=1, description="Which person of this photo: the same for all of their masks.")]


@dataclass(frozen=True)
class Prediction:
    """Everybody in a photo. All pictures have the photo's full size and stand upright."""

    masks: Annotated[list[Mask], Field(description="By person, then by part; empty if nobody is there.")]
    visualization: Annotated[str, Field(description="PNG in Base64: RGB, the parts in colours, black elsewhere.")]


@router.post("/predict", summary="Parse a photo", response_model=Prediction, responses=REFUSALS)
async def parse(request: Request, album: ThisAlbum, image: Annotated[UploadFile, File(description=FIELD)]) -> Response:
    """The masks of everybody in a photo of at most 100 megapixels and 128 MB. Nothing of it is kept.

    `category_id`: 1 hat, 2 hair, 3 glove, 4 sunglasses, 5 upper-clothes, 6 dress, 7 coat, 8 socks, 9 pants,
    10 torso-skin, 11 scarf, 12 skirt, 13 face, 14 left-arm, 15 right-arm, 16 left-leg, 17 right-leg, 18 left-shoe,
    19 right-shoe; left is the person's own left.
    """
    if len((await request.form()).getlist("image")) > 1:
        raise UnreadablePhoto("one-photo-only")
    await check(image, LIMITS)
    keeper, name = album.keeper, name_of(image)
    engine = keeper.engine or chosen(album.library.folder)
    with keeper.admitted() as submit:
        answer = await by_worker(submit, name, predict, await image.read(), name, keeper.make_chain, engine)
    return Response(answer, media_type="application/json")
