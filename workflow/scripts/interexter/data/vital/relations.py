"""What is asked: the relations, with the type of their answers and the forms of their questions."""

from collections.abc import Mapping
from typing import NamedTuple


class Fact(NamedTuple):
    """What an article states of its subject, or why a rule that looked for it does not use it."""

    relation: str
    article: str  # title of the article whose passages must hold the answer
    subject: str
    answers: tuple[str, ...]  # the form of the text first, then the other forms
    words: Mapping[str, str]  # of the question beside the subject
    fault: str = ""


class Relation(NamedTuple):
    """How a relation is asked: {s} is the subject as a sentence holds it, other names are a fact's words."""

    answer_type: str
    forms: tuple[str, ...]


RELATIONS = {
    # people
    "nationality": Relation("nationality", ("What {was} the nationality of {s}?", "What nationality {did} {s} have?")),
    "sport": Relation("sport", ("Which sport is {s} known for?", "For which sport is {s} known?")),
    "office_year": Relation(
        "year",
        ("In which year did {s} become {office}?", "In what year did {s} become {office}?"),
    ),
    "nobel_year": Relation(
        "year",
        ("In which year did {s} receive the Nobel {prize}?", "In what year was {s} awarded the Nobel {prize}?"),
    ),
    # works
    "director": Relation(
        "person", ("Who directed the {year} film {s}?", "Who was the director of the {year} film {s}?")
    ),
    "author": Relation("person", ("Who wrote the {kind} {s}?", "Who is the author of the {kind} {s}?")),
    "painter": Relation("person", ("Who painted {s}?", "Which artist painted {s}?")),
    "composer": Relation("person", ("Who composed the {kind} {s}?", "Who is the composer of the {kind} {s}?")),
    "performer": Relation("person", ("Who recorded the {kind} {s}?", "Which artist or band recorded the {kind} {s}?")),
    "work_year": Relation(
        "year", ("In which year was the {kind} {s}{by} {shown}?", "In what year was the {kind} {s}{by} {shown}?")
    ),
    # places
    "capital": Relation("place", ("What is the capital of {s}?", "Which city is the capital of {s}?")),
    "capital_of": Relation(
        "country", ("Of which country is {s} the capital?", "Which country has {s} as its capital?")
    ),
    "country": Relation("country", ("In which country {is} {kind}{s}?", "In what country can {kind}{s} be found?")),
    "region": Relation("place", ("In which {division} is {s}?", "In which {division} does the city of {s} lie?")),
    "city": Relation("place", ("In which city is {s}?", "In what city can {s} be found?")),
    "largest_city": Relation(
        "place", ("What is the largest city of {s}{where}?", "Which city is the largest in {s}{where}?")
    ),
    "elevation": Relation("number", ("How high is {s} in metres?", "What is the elevation of {s} in metres?")),
    "length": Relation("number", ("How long is {s} in kilometres?", "What is the length of {s} in kilometres?")),
    "independence_year": Relation(
        "year", ("In which year did {s} gain its independence?", "What is the year of independence of {s}?")
    ),
    "highest_point": Relation(
        "place", ("What is the highest point of {s}?", "What is the highest point in {s} called?")
    ),
    # organizations
    "founding_year": Relation("year", ("In which year was {s} founded?", "In what year was {s} founded?")),
    "headquarters": Relation(
        "place", ("In which city is {s} headquartered?", "In which city does {s} have its headquarters?")
    ),
    # events
    "event_year": Relation("year", ("In which year {did}?", "In what year {did}?")),
    "war_start": Relation("year", ("In which year did {s} begin?", "In what year did {s} start?")),
    "war_end": Relation("year", ("In which year did {s} end?", "In what year did {s} come to an end?")),
    # nature and science
    "symbol": Relation(
        "symbol", ("What is the chemical symbol of {s}?", "Which symbol stands for the chemical element {s}?")
    ),
    "atomic_number": Relation(
        "number", ("What is the atomic number of {s}?", "Which atomic number does the element {s} have?")
    ),
    "constellation": Relation(
        "constellation", ("In which constellation is {s}?", "Which constellation is {s} located in?")
    ),
    "family": Relation("taxon", ("To which biological family does {s} belong?",)),
    "order": Relation("taxon", ("To which biological order does {s} belong?",)),
    "discovery_year": Relation("year", ("In which year was {s} discovered?", "In what year was {s} discovered?")),
}
