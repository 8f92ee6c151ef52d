"""The hostile program: each function tries one way out of a sandbox, and says whether it got through.

It runs inside, as the sandbox's user, from a read-only mount (standard library only): ``python3 -m hostile NAME…``,
with JSON on stdin that tells what the host planted; one JSON line per probe comes out. A probe returns a short text
when it succeeded in what must not work, and None (or an OSError) when it was stopped. Each runs in a child of its own.
"""
