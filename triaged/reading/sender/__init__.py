"""Who wrote a mail, and what our own mail server says of it. PURE."""
