"""Questions in Chinese or English about who is seen, and what they wear → figures, with the reasons."""
