"""Worker processes that read hostile input."""
