"""Wardrobe: what a person wore and when, the same garment recognised again, and what could be worn another day."""
