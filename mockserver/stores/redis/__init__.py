"""A home of the state on an engine that speaks the protocol of Redis: Redis itself, or Valkey."""

from mockserver.stores.redis.calls import First
from mockserver.stores.redis.home import RedisState
from mockserver.stores.redis.store import RedisStore
from mockserver.stores.redis.worker import Worker

__all__ = ("First", "RedisState", "RedisStore", "Worker")
