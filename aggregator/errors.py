"""The faults the outside world can cause. Messages are English, for logs and the command line; ids, not objects."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class AggregatorError(Exception):
    """Root of everything we raise on purpose. `counts`: what was done all the same, as reports count it."""

    counts: Mapping[str, int] = MappingProxyType({})


class ConfigError(AggregatorError):
    """feeds.yaml, an announcement or a command's argument is wrong; exit code 2.

    `faults` holds every fault found, one line each, as `feeds.yaml:12:9 sources[3].url: what was expected`.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class SourceError(AggregatorError):
    """One source failed; becomes a `Problem` value, so that the other sources go on."""


class FetchError(SourceError):
    """No usable answer came over the network."""


class GoneError(FetchError):
    """The server says 410: the source is gone for good."""


class ParseError(SourceError):
    """The document is no feed we can read."""


class NotWellFormed(ParseError):
    """The strict parser cannot be sure of this document; the loose one is tried. Says what stood in the way."""


class Broken(NotWellFormed):
    """It is no well-formed XML at all; says where."""


class StoreError(AggregatorError):
    """The database cannot be reached or refuses what we ask."""


class SchemaError(StoreError):
    """The database holds another schema than this version wants."""


class DamagedError(StoreError):
    """A file that we can make anew is not as we wrote it."""


class RenderError(AggregatorError):
    """An output cannot be made; stops that one only. The message names the template's file and line."""


class BadTemplateError(RenderError):
    """A template is wrong, whatever it is filled with: stops all of them."""


class SubscriptionError(AggregatorError):
    """A subscriber's wish cannot be met as it was asked."""


class AddressError(SubscriptionError):
    """Not an e-mail address we can write to."""


class TokenError(SubscriptionError):
    """A forged, cut, foreign or expired token."""


class LockedError(AggregatorError):
    """Another run holds this job's lock; exit code 3."""
