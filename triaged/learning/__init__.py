"""Train, evaluate, compare, promote: the only room that imports scikit-learn's trainers."""
