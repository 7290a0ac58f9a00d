"""What goes on beside the pages: indexing, work for visitors, people following decisions."""
