"""My tickets: what people of partners see and do. Whose ticket it is, the store's question decides (`Scope`)."""

from triaged.web.tickets import acts, answering, listing, mails, meeting, new_request, ticket

PAGES = (
    *listing.PAGES,
    *new_request.PAGES,
    *ticket.PAGES,
    *answering.PAGES,
    *acts.PAGES,
    *meeting.PAGES,
    *mails.PAGES,
)

__all__ = ["PAGES"]
