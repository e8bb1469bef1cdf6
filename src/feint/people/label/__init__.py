"""Labels by people: replies of a study, drawn at random and shown blind, to check the judge against."""

from feint.people.label.store import read_labels_of_people

__all__ = ["read_labels_of_people"]
