"""What changed -> the catalogue -> the parts of the output that it touches."""
