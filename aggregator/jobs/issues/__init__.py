"""What one issue tells, from the first draft to the edition that is frozen; and what editors do to it."""
