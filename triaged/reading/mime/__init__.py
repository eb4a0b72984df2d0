"""Bytes to a message: headers, parts, charsets, attachments. PURE."""
