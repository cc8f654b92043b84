"""Feed | Issue -> Document: what subscribers, browsers and mailboxes get. Pure; templates come in as text."""
