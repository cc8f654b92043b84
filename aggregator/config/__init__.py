"""feeds.yaml -> Config, with every fault named by line and column; secrets; the schema for editors."""

from aggregator.config.place import Fault
from aggregator.config.reading import Reading, read

__all__ = ["Fault", "Reading", "read"]
