"""Feeds of institutions in, one clean feed per section and one newsletter out."""
