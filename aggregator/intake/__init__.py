"""A Feed and what is known -> Changes: who is who, what is new, what changed, what is kept out. Pure."""
