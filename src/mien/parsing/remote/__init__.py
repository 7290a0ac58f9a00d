"""An engine on another machine: what both sides say to each other, and the side that asks."""
