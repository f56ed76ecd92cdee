"""Ways to pick one answer out of a pool, one a file. Each gives its expected accuracy on k of the pool's n samples.

Every function takes a `Pool` and a tuple of ks in 1..n, and returns an array of len(ks) values in [0, 1]. A sample without
an answer never votes and is never correct, but fills its place among the k.
"""
