"""Lists that are served in pages: ``limit`` and ``cursor`` in the address, the next page in the ``Link`` header.

The body stays the plain list. RFC 8288's ``Link: <address>; rel="next"`` is what HTTP clients already read
(``response.links`` in httpx and requests), and it carries every filter along.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import StringConstraints

from marlin.db.paging import LARGEST_LIMIT, USUAL_LIMIT, Page, Window


class Paging:
    """What a request asks of a list, and where its answer says that there is more."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="At most this many.")] = USUAL_LIMIT,
        cursor: Annotated[
            str | None, Query(max_length=2000, description="From the Link header of the page before.")
        ] = None,
    ) -> None:
        self._request = request
        self._response = response
        self.window = Window(limit, cursor)

    def rows(self, page: Page[Any]) -> list[Any]:
        """The page's rows; the way to the next page goes into the headers."""
        if page.next is not None:
            url = self._request.url.include_query_params(cursor=page.next)
            self._response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return list(page.rows)


Paged = Annotated[Paging, Depends()]

Search = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None,
    Query(description="Only those that contain this text, in whatever case."),
]
