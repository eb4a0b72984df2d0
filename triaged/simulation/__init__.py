"""A synthetic month on the real store and the real walk, with a moved clock (`triaged simulate`)."""
