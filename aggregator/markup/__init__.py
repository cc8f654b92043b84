"""HTML of strangers -> safe HTML; HTML -> plain text, excerpts and titles. The same bytes in every process.

cleaning   any HTML -> safe HTML, by nh3 and by the rules
nesting    whether what nh3 wrote needs a second reading
rules      what is let in
images     pictures, lazy ones and trackers
reading    HTML -> text, excerpt, title
letters    what XML cannot hold
"""

from aggregator.markup.cleaning import clean
from aggregator.markup.letters import is_legal, legal
from aggregator.markup.reading import essence, excerpt, text, title

__all__ = ["clean", "essence", "excerpt", "is_legal", "legal", "text", "title"]
