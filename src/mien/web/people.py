"""The people page and each person's own; naming and undoing."""

from fastapi import APIRouter

router = APIRouter()
