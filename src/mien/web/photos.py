"""One photo: its figures, their silhouettes, parts and traits."""

from fastapi import APIRouter

router = APIRouter()
