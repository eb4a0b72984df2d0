"""DOORS: IMAP, SMTP and LMTP; both lead into `keep`, which makes raw mail durable before anything else."""
