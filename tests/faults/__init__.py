"""THE FAULT BENCH: daemons are killed, frozen, stopped and reloaded by a seed while mail pours in; then the world is compared.

    make faults SEED=7 KILLS=100          one seed on SQLite (one daemon) and on PostgreSQL (three)
    python -m tests.faults --seed 7 --kills 100 --store postgresql --daemons 3

`plan.py` turns a seed into a list of deeds, the same each time; `town.py` holds the servers and the daemons and does
them; `world.py` compares what is with what was promised. The suite runs short plans (test_bench.py). Beside it stand
the named tests of single faults: each file a server or a kind (docs/reliability.md lists all of them).
"""
