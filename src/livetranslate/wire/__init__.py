"""The protocols' spelling of requests and events: pure functions from bytes to values and back, without a socket."""
