"""What comes of each kind of thing that happens: pure functions that answer with a Plan (walk/plan.py)."""
