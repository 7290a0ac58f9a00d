"""What is being indexed, live; and asking for it."""

from fastapi import APIRouter

router = APIRouter()
