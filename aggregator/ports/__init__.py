"""What jobs ask of the world. The edges answer to these; `app` brings both together.

world       servers, the disk, mail, the desk, the mailbox
catalogue   what the last publish derived
store       the facts, all of them: what the four below say, and the house's own record
entries     sources and entries
ledger      issues and what they carried
people      subscribers, and what came back of their mails
outbox      messages owed
"""

from __future__ import annotations

from aggregator.ports.catalogue import Catalogue, Finder, Groups, Index, Places, Words
from aggregator.ports.entries import Entries
from aggregator.ports.ledger import Ledger
from aggregator.ports.outbox import Outbox
from aggregator.ports.people import People, Returns
from aggregator.ports.store import Record, Store
from aggregator.ports.world import Desk, Disk, Letters, Mail, Network

__all__ = [
    "Catalogue",
    "Desk",
    "Disk",
    "Entries",
    "Finder",
    "Groups",
    "Index",
    "Ledger",
    "Letters",
    "Mail",
    "Network",
    "Outbox",
    "People",
    "Places",
    "Record",
    "Returns",
    "Store",
    "Words",
]
