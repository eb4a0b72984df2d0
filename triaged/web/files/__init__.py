"""What people attach and what mails bring: checked, cleaned, and shown so that no browser runs it."""
