"""Letters on their way out: claimed, asked once more whether they may leave, sent."""
