"""What doors and hands share: waiting, cutting, counting peers, private files, harmless text."""
