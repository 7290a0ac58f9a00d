"""Pictures themselves: thumbnails, previews, portraits."""

from fastapi import APIRouter

router = APIRouter()
