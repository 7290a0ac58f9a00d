"""The timeline: all photos by month, newest first."""

from fastapi import APIRouter

router = APIRouter()
