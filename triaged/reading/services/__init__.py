"""Which service a mail is about. PURE."""
