"""What surrounds every request, put together by ``marlin.app``: problems, headers, limits, repeated requests, pages."""
