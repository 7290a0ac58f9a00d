"""`POST /upload`, the article's album service."""

from fastapi import APIRouter

router = APIRouter()
