"""What a short answer to a letter of ours says: our form filled in, a bare id, a rating. PURE."""
