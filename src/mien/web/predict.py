"""`POST /predict`, the article's parsing service."""

from fastapi import APIRouter

router = APIRouter()
