"""`python -m aggregator.cli`: the same as `aggregator`."""

from aggregator.cli import main

main()
