"""Whether marlin.statistics keeps its promises, and how fast it is: simulations and a table of speeds.

``python -m tests.benchmarks.statistics`` runs what has not been run and writes docs/reference/statistics-study.md.
"""
