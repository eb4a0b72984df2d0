"""The demo: the whole house in one process, sample mail through the real door, letters into a real SMTP server."""
