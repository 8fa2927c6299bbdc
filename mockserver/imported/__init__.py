"""A contract from what others wrote: the document of an API, read, understood as far as it goes, and made sound.

`inference` guesses the lives of jobs from plain facts about operations, whatever those were read from. `importing` is
the way from a document to a contract, `updating` the way from a newer document to what has changed for one.
"""
