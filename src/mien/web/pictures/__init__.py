"""Pictures for the screen, made from originals by a process of its own."""
