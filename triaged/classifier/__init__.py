"""Features and the model, handed in. PURE."""
