"""Real servers for tests: each started in a temporary folder, on its own port or socket."""
