"""pull publish compose deliver subscribe: one straight story each, ports in, a Report out."""
