"""Benchmarks: ours against another, in one run."""
