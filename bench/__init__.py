"""Measurements that are kept: ratios in one run, quality on public clips. `make bench` runs `python -m bench.run`."""
