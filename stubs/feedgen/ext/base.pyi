from lxml.etree import _Element

class BaseEntryExtension:
    def extend_atom(self, entry: _Element) -> _Element: ...
