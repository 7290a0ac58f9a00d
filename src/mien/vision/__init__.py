"""The shipped networks behind small typed calls. Coordinates are px of the array that was passed in."""
