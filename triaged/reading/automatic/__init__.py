"""What no person wrote: absence notes, bounces, ticket systems, lists, invitations. PURE."""
