"""What is due next on a ticket, and what is sensible when its time has come. PURE."""
