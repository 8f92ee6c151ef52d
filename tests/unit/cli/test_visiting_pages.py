"""What the programs that play through the public API read of lists that come in pages."""

from __future__ import annotations

import httpx

from marlin.visiting import Visitor


def _answer(request: httpx.Request) -> httpx.Response:
    """Three pages of two rows, as the API gives them."""
    start = int(request.url.params.get("cursor", "0"))
    following = f'</api/v1/people?role=contributor&cursor={start + 2}>; rel="next"'
    headers = {"Link": following} if start < 4 else {}
    assert request.url.params["role"] == "contributor"
    return httpx.Response(200, json=[start, start + 1], headers=headers)


def test_all_pages_of_a_list_are_read() -> None:
    client = httpx.Client(base_url="http://marlin.test/api/v1", transport=httpx.MockTransport(_answer))
    assert Visitor(client, "").get("/people", role="contributor") == [0, 1, 2, 3, 4, 5]
