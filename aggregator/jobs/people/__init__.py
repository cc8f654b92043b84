"""Forms and letters -> consent, and the mail that answers."""
