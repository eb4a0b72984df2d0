"""SuperAdmin address, ZOID, ZUID, ZGID and customer addresses of a mail. PURE."""
