"""Staff told by another way than mail: what of, in which words, to whom, and the hands that do it."""
