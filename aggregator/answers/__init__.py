"""Read-only questions: facts in, a value out."""
