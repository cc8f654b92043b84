"""The nouns that flow through the house: frozen, slotted, tuples not lists, every datetime aware and UTC.

entries      an entry with all that belongs to it; a feed, a document with entries
fetched      what is asked of a server, and what came of it
checks       what is known of a source and its entries; what a pull changed
stories      entries that tell the same news; the files of the output folder
issues       a number of a newsletter, its span, its editions
people       subscribers, their consent, what came back of their mails
deliveries   a message owed, and what became of it
reports      what a job tells of its run
"""

from __future__ import annotations

from aggregator.model.checks import ANNOUNCEMENTS, Changes, Check, Known, Move
from aggregator.model.deliveries import Delivery, DeliveryKind, DeliveryState, Outcome
from aggregator.model.entries import Act, Area, DateQuality, Enclosure, Entry, Event, Feed, Link, Wishes
from aggregator.model.fetched import EMPTY_ANSWER, Fetched, Problem, ProblemKind, Request, Unchanged, Validators
from aggregator.model.issues import Edition, Issue, IssueState, Window
from aggregator.model.people import Consent, Consented, Problems, Subscriber
from aggregator.model.reports import Failure, Report
from aggregator.model.stories import Document, Gone, Part, Placement, Story

__all__ = [
    "ANNOUNCEMENTS",
    "EMPTY_ANSWER",
    "Act",
    "Area",
    "Changes",
    "Check",
    "Consent",
    "Consented",
    "DateQuality",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Document",
    "Edition",
    "Enclosure",
    "Entry",
    "Event",
    "Failure",
    "Feed",
    "Fetched",
    "Gone",
    "Issue",
    "IssueState",
    "Known",
    "Link",
    "Move",
    "Outcome",
    "Part",
    "Placement",
    "Problem",
    "ProblemKind",
    "Problems",
    "Report",
    "Request",
    "Story",
    "Subscriber",
    "Unchanged",
    "Validators",
    "Window",
    "Wishes",
]
