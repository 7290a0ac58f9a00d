"""Pictures for the screen, made from originals by a process of its own: decoders meet whatever is in a file."""

from mien.catalog.library import Library


class Studio:
    """Makes previews and portraits."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def close(self) -> None:
        """End at once."""
