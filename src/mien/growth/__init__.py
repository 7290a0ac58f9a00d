"""Growth: how tall a child was, from photos beside people of known height, and what is not known of it."""
