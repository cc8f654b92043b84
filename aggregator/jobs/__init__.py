"""One straight story each: edges in as ports, a Report out.

pulling      sources and announcements -> the store, and what the admin answers to what a source asks
publishing   store -> catalogue -> the output folder
issues       what each newsletter tells, when, and with which words: drafts, frozen issues, trials
sending      the outbox -> mail servers, what comes back from them, and the mails to admins
people       who subscribes, leaves, wishes otherwise, may see what is reserved
windows      the newsletters' windows at a moment
post         who writes our mails, and the links in them by which a reader acts
"""
