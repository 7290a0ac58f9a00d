"""Takes the pictures of Mien that the README shows."""
