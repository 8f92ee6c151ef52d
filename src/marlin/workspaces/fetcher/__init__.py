"""Runs inside the fetch sandbox, never on the host: turns an untrusted source into one bundle with one commit.

Mounted read-only there and started as ``python3 -m fetcher``; standard library and git only, Python 3.9 or newer. It
reads one JSON request from stdin and writes JSON lines to stdout: ``progress``, then ``result`` or ``failure``.
"""
