"""What is new in a mail: quotes, forwards, signatures told apart. PURE."""
