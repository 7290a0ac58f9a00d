"""The article's parsing service: `POST /predict`, every mask at the photo's full size, as base64 PNG in JSON.

    python -m benchmarks.article.service

Listens at a free port of localhost and prints its URL. The networks are Mien's own, so that only the shape differs.
Where the article says nothing, what is cheapest was taken: nearest neighbours, OpenCV's fast PNG, a plain colour map.
"""

import base64
import socket
import time
from typing import Annotated, Any

import cv2
import numpy as np
import uvicorn
from fastapi import FastAPI, File, UploadFile
from fastapi.responses import JSONResponse
from numpy.typing import NDArray

from mien.parsing.engines import create_parser
from mien.parsing.overlay import PALETTE
from mien.parsing.parse import Parse
from mien.parsing.parser import Parser


def application(parser: Parser) -> FastAPI:
    """The service on this parser. Bytes that are no picture are answered with 400 and `{"error": …}`.

    The header `Server-Timing` tells how long the parse itself took (W3C Server Timing; ms).
    """
    app = FastAPI()

    @app.post("/predict")
    async def predict(image: Annotated[UploadFile, File()]) -> JSONResponse:
        data = np.frombuffer(await image.read(), np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None  # upright by its EXIF orientation
        if pixels is None:
            return JSONResponse({"error": "not a picture"}, status_code=400)
        started = time.perf_counter()
        parse = parser.parse(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
        took = time.perf_counter() - started
        height, width = pixels.shape[:2]
        return JSONResponse(answer(parse, width, height), headers={"Server-Timing": f"parse;dur={took * 1000:.3f}"})

    return app


def answer(parse: Parse, width: int, height: int) -> dict[str, Any]:
    """The article's answer for a photo of `width`×`height` px: one mask for each part of each person, nobody's name."""
    colours = np.zeros((height, width, 3), np.uint8)
    masks = []
    for figure in range(len(parse)):
        for part in np.unique(parse.parts[parse.mask(figure)]):
            if part == 0:
                continue
            small = parse.mask(figure, int(part)).view(np.uint8) * 255
            mask = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
            colours[mask > 0] = PALETTE[part][::-1]
            confidence = float(parse.confidences[figure, part])
            masks.append({"category_id": int(part), "mask": png(mask), "confidence": confidence})
    return {"masks": masks, "visualization": png(colours)}


def png(pixels: NDArray[np.uint8]) -> str:
    """A picture (grey, or BGR) as PNG in base64."""
    _, data = cv2.imencode(".png", pixels)
    return base64.b64encode(data.tobytes()).decode("ascii")


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application(create_parser("lite")), log_level="warning"))
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
