"""The keeper: the one privileged helper process. Everything in this package uses the standard library only."""
