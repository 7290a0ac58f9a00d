"""What can be said of a figure: colours, garments, accessories, build."""
