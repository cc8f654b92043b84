"""Issue -> Edition -> the mail of each reader; what got worse -> a mail to the admins."""
