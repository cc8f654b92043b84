"""entries | merge | render | write: the portal and its feeds, as they should stand now."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from aggregator.errors import RenderError, StoreError
from aggregator.jobs.attachments import attach
from aggregator.jobs.standing import standing
from aggregator.merge import grouped, stories
from aggregator.merge.gone import gone
from aggregator.model import Failure, Report
from aggregator.ports import Disk, Store
from aggregator.render.calendars import calendars
from aggregator.render.feeds import feeds, last_change, owners
from aggregator.render.heads import heads, titles
from aggregator.render.servers import packed, settings
from aggregator.render.site import site
from aggregator.render.templates import Templates
from aggregator.settings import Config


def publish(config: Config, store: Store, disk: Disk, templates: Templates, now: datetime) -> Report:
    """Make the output folder what the facts, the rules and the hour say. A broken template stops it before anything is
    written: the folder stays as it was."""
    config = standing(config, store, now)
    entries, checks = tuple(store.entries()), store.checks()
    groups = grouped(entries, config)
    attached = attach(stories(groups, config, now, "public"), config.site, disk)
    told, named = attached.stories, titles(config, checks)
    went = tuple(gone(chain.from_iterable(groups), config, now))
    try:
        documents = [
            *feeds(
                config, told, heads(config, checks, told), owners(entries), named, templates, last_change(entries), went
            ),
            *calendars(config, told, went, now, named),
            *settings(config.site),
            *site(config, told, now, templates, named),
        ]
        counts = disk.write(chain(packed(documents), attached.documents))
    except (RenderError, StoreError) as error:
        return Report(
            "publish", now, now, {}, (*attached.failures, Failure("publish", str(error))), broken=("publish",)
        )
    return Report("publish", now, now, counts, attached.failures)
