"""`aggregator demo`: sample sources and municipalities -> portal, feeds, an issue and its mails, all on loopback."""
