"""Would the tests notice? Small seeded faults in copies of the tree, one at a time, and who fails.

`make mutants SEED=1 COUNT=100` prints what nobody noticed, with its place and its difference, and the share
noticed over all and by room. `ROOMS="daemon walk"` looks closer at some; `ONLY="3 17"` replays single ones of
the same seed. The checkout itself is never touched.

Who is asked: the tests of the room, the nearest first (reach.py); after `make mutants-map` those that run the fault's
line and no others (measured.py), which is many times faster.
"""
