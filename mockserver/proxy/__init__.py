"""Programs in any language are led into the mock without a change: `mockserver exec`, and `intercepting`.

listener  head  peek  tunnel     the proxy, in the loop of the server
traffic                          which hosts were asked for
authority                        certificates of one run
variables                        what leads a program to the proxy, by language
python_client  node_client.cjs   what is loaded into Python and Node
session                          all of it, for a block
"""

from mockserver.proxy.session import Environment, intercepted, intercepting
from mockserver.proxy.traffic import Traffic

__all__ = ["Environment", "Traffic", "intercepted", "intercepting"]
