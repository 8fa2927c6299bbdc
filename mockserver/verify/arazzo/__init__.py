"""Journeys as Arazzo 1.1 documents: those of a contract written as one, and others read and walked."""
