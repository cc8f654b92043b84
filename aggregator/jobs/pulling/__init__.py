"""Who is asked, what they answer, what becomes of it; announcements, and how long all is kept."""
