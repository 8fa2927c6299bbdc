"""Values that a schema allows and nobody expects: absent options, extreme numbers, odd text.

All chance comes in as `pick(n)`, a whole number from 0 to n - 1, and 0 is always the plainest choice: a value made
of zeros alone is the contract's own example, so that whatever shrinks numbers shrinks towards it.
"""

from mockserver.generator.answers import AnswerMaker, answer_maker, stream
from mockserver.generator.maker import Make, Maker, Pick

__all__ = ["AnswerMaker", "Make", "Maker", "Pick", "answer_maker", "stream"]
