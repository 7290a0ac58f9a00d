"""Figures → faces: box, landmarks, eyes, ears, quality and identity vector."""
