"""The pipeline of the article this project began from, in its own shape: a parsing service and an album beside it."""
