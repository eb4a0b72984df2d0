"""HTML as the text a person sees. PURE."""
