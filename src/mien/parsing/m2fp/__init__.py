"""The high-quality engine: M2FP, a network that sees parts and people at once. Its weights are fetched by the user."""
