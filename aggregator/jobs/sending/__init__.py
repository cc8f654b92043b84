"""The outbox, emptied; what comes back; the mails to admins."""
