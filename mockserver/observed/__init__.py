"""A contract of what was seen of an API: `mockserver new --from session.har`.

entries  left  archive      entries of HAR, what is passed over, and the calls that they are, without secrets
texts  rows                 texts and lists within
flow                        which parts of paths are parameters
roles  carriers  asking     what creates, what is about it: by the ids that flow
naming                      what things and operations are called
streams                     events as looks at a job
states  lives               how jobs stood, and when: they settle by time, however often they are asked for
facts  echoes               which values of answers are facts of their job, or repeat the request
deliveries  endpoints       what came to callbacks that requests named, and to endpoints that were registered
webhooks                    and what would come there
prices                      what jobs cost, and what the account has
refusals  made_up  limits   what was refused, or would be, and how much there may be
shapes                      answers that have other fields for some requests
taken  busy                 what refused requests are held against, gathered once
schemas  requests  answers  what goes in and out, as JSON Schema and examples
pages  behavior  contract   the two files
"""

from mockserver.observed.archive import is_archive
from mockserver.observed.contract import ObservedContract, contract_of

__all__ = ["ObservedContract", "contract_of", "is_archive"]
