"""What no person wrote: absence notes, bounces, desks, lists, invitations. PURE."""
