from collections.abc import Mapping

from lxml.etree import _Element

class BaseExtension:
    def extend_ns(self) -> Mapping[str, str]: ...
    def extend_atom(self, feed: _Element) -> _Element: ...

class BaseEntryExtension:
    def extend_atom(self, entry: _Element) -> _Element: ...
