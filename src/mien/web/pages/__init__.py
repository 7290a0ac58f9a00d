"""What visitors see: the pages, and the words and shapes on them."""
