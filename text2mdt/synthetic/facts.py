"""Draws the facts of one passage from an area, none of them twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from text2mdt.synthetic import quantities
from text2mdt.synthetic.areas import Area, Measure, is_plural, split_article
from text2mdt.synthetic.tree import Action, Condition, Leaf

_ABOUT_WOMEN = re.compile(r"pregnan|breastfe|postmenop|nulliparous|conceive|uterus|contracept|infant|menstru")
_ABOUT_ADULTS = re.compile(r"older than|smokers|drinkers|drivers|workers|alcohol|sexually|retire|surgery for|homeless")
_CHILDREN = ("Children", "Infants", "Newborn", "Newborns", "Term", "Preterm")
_SMALL = (
    "with than that this after from within least more less every days weeks months hours daily twice once above below "
    "years older younger taking history previous severe acute intravenous oral times three four patients symptoms "
    "adults children women people persistent treatment therapy measurement level first second disease"
)


_COMMON = {word[:7] for word in _SMALL.split()}
"""Beginnings of words that two facts may share."""

_PLAIN_DOSE = re.compile(r"(\d+(?:\.\d)?) ((?:mg|micrograms|g|units|mg/kg|g/kg|micrograms/kg)\b.*)")
_RISING = ((0.5, 1, 2, 4, 6), (1, 2, 3, 4, 5), (1, 1.5, 2, 3, 4), (1, 2, 4, 6, 8))


class Facts:
    """The facts that one passage is made of."""

    def __init__(self, area: Area, population: str, rng: Random) -> None:
        self.area, self.population, self.rng = area, population, rng
        self._used = _content_words(population)
        self._taken: set[str] = set()

    def _fresh(self, entries: Sequence[str], allowed: Callable[[str], bool] = lambda entry: True) -> str:
        """An entry that shares no telling word with what was drawn before, if there is one."""
        left = [entry for entry in entries if entry not in self._taken and allowed(entry)]
        if not left:
            left = list(entries)
        self.rng.shuffle(left)
        entry = next((entry for entry in left if not _content_words(entry) & self._used), left[0])
        self.take(entry)
        return entry

    def take(self, entry: str) -> None:
        self._taken.add(entry)
        self._used |= _content_words(entry)

    def fits(self, entry: str) -> bool:
        """Whether the population can have this: no pregnant men, no smoking infants, nothing that it has already."""
        first = self.population.split()[0]
        if first in (*_CHILDREN, "Men", "Older", "Postmenopausal", "Nursing") and _ABOUT_WOMEN.search(entry):
            return False
        if first in _CHILDREN and _ABOUT_ADULTS.search(entry):
            return False
        if first not in _CHILDREN and re.search(r"younger than \d+ (?:months|weeks)|fontanelle", entry):
            return False
        if first in ("Older", "Pregnant", "Women", "Postmenopausal") and re.search(r"(?:older|younger) than", entry):
            return False
        return not (
            "pregnan" in entry and re.search(r"[Pp]regnan|labour|pre-eclampsia|postpartum|post-?menop", self.population)
        )

    # conditions

    def feature(self) -> Condition:
        article, noun = split_article(self._fresh(self.area.features, self.fits))
        return Condition("clinical_feature", noun=noun, article=article)

    def lacking(self) -> Condition:
        """A finding that must be absent, as a condition in its own right."""
        feature = self.feature()
        return Condition("clinical_feature", noun=f"no {feature.noun}")

    def lasting(self) -> Condition:
        """That the main problem has gone on for some time."""
        time, problem = self.rng.choice(self.area.times), self.area.problem
        last = self.rng.choice(("lasting longer than", "lasting more than", "for more than"))
        return Condition("clinical_feature", noun=f"{problem} {last} {time}")

    def state(self) -> Condition:
        article, clause = split_article(self._fresh(self.area.states))
        return Condition("clinical_feature", clause=clause, clause_article=article)

    def basic(self) -> Condition:
        entry = self._fresh(self.area.basics, self.fits)
        if entry.startswith("~"):
            return Condition("basic_information", state=entry[1:])
        article, noun = split_article(entry)
        return Condition("basic_information", noun=noun, article=article)

    def nominal(self) -> Condition:
        """A finding or a background that follows "with"."""
        for _ in range(20):
            condition = self.rng.choice((self.feature, self.basic))()
            if condition.noun:
                return condition
        return self.feature()

    def condition(self) -> Condition:
        kinds = (self.feature, self.feature, self.basic, self.basic, self.state, self.quantity, self.lasting)
        return self.rng.choices(kinds, (4, 3, 6, 6, 4, 4, 1))[0]()

    def quantity(self) -> Condition:
        if self.rng.random() < 0.12 and self.can_band(3):
            return quantities.outside(self._measure(2), self.rng)
        return quantities.one_side(self._measure(1), self.rng)

    def _measure(self, cuts: int) -> Measure:
        fitting = [item for item in self.area.measures if len(item.thresholds) >= cuts]
        name = self._fresh([item.name for item in fitting])
        return next(item for item in fitting if item.name == name)

    def sides(self) -> list[Condition]:
        """Two sides of a number, in either order."""
        found = self._bands(2)
        self.rng.shuffle(found)
        return found

    def can_band(self, number: int) -> bool:
        return any(len(measure.thresholds) >= number - 1 for measure in self.area.measures)

    def bands(self, number: int) -> list[Condition]:
        """Bands that leave no other case, rising or falling."""
        found = self._bands(number)
        return found[::-1] if self.rng.random() < 0.3 else found

    def _bands(self, number: int) -> list[Condition]:
        kinds: list[Callable[[], list[Condition]]] = []
        if self.can_band(number):
            kinds += [lambda: quantities.bands(self._measure(number - 1), number, self.rng)] * 4
        if len(self.area.ages) >= number - 1 and ("ages" not in self._taken):
            kinds.append(lambda: quantities.ages(self.area.ages, number, self.rng))
        if len(self.area.weights) >= number - 1 and ("weights" not in self._taken):
            kinds.append(lambda: quantities.weights(self.area.weights, number, self.rng))
        found = self.rng.choice(kinds)()
        if found[0].state:
            self._taken.add("weights" if found[0].short else "ages")
        return found

    def can_group(self, number: int) -> bool:
        return any(len(group) >= number for group in self._groups())

    def _groups(self) -> list[tuple[str, ...]]:
        return [group for group in self.area.groups if group[0] not in self._taken]

    def group(self, number: int) -> list[Condition]:
        """Kinds that exclude one another: neighbours of a list, in its order or turned round."""
        group = self.rng.choice([group for group in self._groups() if len(group) >= number])
        self._taken |= set(group)
        start = self.rng.randrange(len(group) - number + 1)
        members = list(group[start : start + number])
        if number < len(group) - start and self.rng.random() < 0.4 and (merged := _merged(*group[start : start + 2])):
            members = [merged, *group[start + 2 : start + number + 1]]
        if self.rng.random() < 0.3:
            members.reverse()
        found = []
        for member in members:
            article, noun = split_article(member)
            found.append(Condition("clinical_feature", noun=noun, article=article))
        return found

    # actions

    def drug(self) -> Action:
        entry = self._fresh(self.area.drugs)
        name, _, doses = entry.partition(" = ")
        dose = self.rng.choice(doses.split(" / ")) if doses and self.rng.random() < 0.72 else ""
        article, name = split_article(name)
        return Action("therapeutic_drug", name, article, dose=dose)

    def doses(self, number: int) -> list[Action]:
        """One drug as often as asked for, each time with another dose; empty where no drug with a plain dose is found.

        The first one's name is that of them all.
        """
        for _ in range(30):
            drug = self.drug()
            if match := _PLAIN_DOSE.fullmatch(drug.dose):
                factors = self.rng.choice(_RISING)[:number]
                if self.rng.random() < 0.4:
                    factors = factors[::-1]
                named = Action(drug.relation, drug.name, drug.article)
                texts = [f"{float(match[1]) * factor:g} {match[2]}" for factor in factors]
                return [Action(drug.relation, drug.name, drug.article, dose=text, named_by=named) for text in texts]
        return []

    def avoided(self) -> Action:
        return Action("contraindicated_drug", self._fresh(self.area.avoid))

    def plan(self, nouns_only: bool = False) -> Action:
        entry = self._fresh(self.area.plans, lambda entry: not (nouns_only and entry.startswith("!")))
        if entry.startswith("!") and nouns_only:
            return self.test()
        if entry.startswith("!"):
            return Action("treatment_plan", entry[1:], form="verb")
        article, name = split_article(entry)
        return Action("treatment_plan", name, article)

    def test(self) -> Action:
        article, name = split_article(self._fresh(self.area.tests))
        return Action("investigation", name, article)

    def referral(self, nouns_only: bool = False) -> Action:
        entry = self._fresh(self.area.referrals, lambda entry: not (nouns_only and entry.startswith("^")))
        if entry.startswith("^"):
            article, name = split_article(entry[1:])
            return Action("referral", name, article, form="target")
        article, name = split_article(entry)
        return Action("referral", name, article)

    def action(self) -> Action:
        kinds = (self.drug,) * 9 + (self.plan,) * 4 + (self.test,) * 2 + (self.referral,) * 2
        return self.rng.choice(kinds)()

    def treatment(self) -> Action:
        """A drug or a procedure that can fail."""
        if self.rng.random() < 0.75:
            return self.drug()
        action = self.plan(nouns_only=True)
        return action if action.relation == "treatment_plan" else self.drug()

    def leaf(self) -> Leaf:
        """One action mostly, sometimes two, sometimes a choice of two."""
        draw = self.rng.random()
        if draw < 0.62:
            return Leaf((self.action(),))
        if draw < 0.72:
            return Leaf((self.drug(), self.drug()), "or")
        if draw < 0.75:
            return Leaf((self.plan(nouns_only=True), self.plan(nouns_only=True)), "or")
        if draw < 0.78:
            return Leaf((self.avoided(),))
        if draw < 0.8:
            return Leaf((self.avoided(), self.drug()))
        if draw < 0.83:
            first, second = (self.drug() for _ in range(2))
            choice = Action("therapeutic_drug", f"{first.name} or {second.name}")
            return Leaf((self.plan(nouns_only=True), choice))
        if draw < 0.9:
            return Leaf((self.drug(), self.drug()))
        if draw < 0.97:
            return Leaf((self.drug(), self.rng.choice((self.plan, self.test, self.referral))()))
        return Leaf((self.drug(), self.plan(nouns_only=True), self.test()))

    def simple_leaf(self) -> Leaf:
        """One action that can stand as a noun phrase."""
        kinds = (self.drug, self.drug, self.drug, lambda: self.plan(nouns_only=True), self.test)
        return Leaf((self.rng.choice(kinds)(),))

    # what failed

    def failure(self, action: Action, first: bool = True) -> Condition:
        """That `action` did not work, in words that name it or (after the first) not."""
        article = "the " if action.article else ""
        plural, time = is_plural(action.name) and not action.article, self.rng.choice(self.area.times)
        be, fail, name = ("are", "fail", action.name) if plural else ("is", "fails", action.name)
        problem = self.area.problem
        persist = "persist" if is_plural(problem) else "persists"
        pronoun = "they" if plural else "it"
        clauses = [
            (article, f"{name} {be} not tolerated"),
            (article, f"{name} {fail}"),
            (article, f"{name} {be} ineffective"),
            (article, f"{name} {be} contraindicated"),
            (article, f"{name} {be} not available"),
            (article, f"{name} {'have' if plural else 'has'} no effect after {time}"),
            (article, f"{name} {'do' if plural else 'does'} not bring relief within {time}"),
            ("", f"{problem} {persist} after {time} of {name}"),
            ("", f"{problem} {persist} despite {name}"),
            ("", f"{problem} {persist} {time} after starting {name}"),
        ]
        if first:
            clauses += [
                ("", f"{pronoun} {be} not tolerated"),
                ("", f"{pronoun} {'prove' if plural else 'proves'} ineffective after {time}"),
                ("", "this fails"),
                ("", f"{problem} {persist} after {time}"),
                ("", f"{problem} {persist}"),
                ("", f"this gives no relief within {time}"),
            ]
        nouns = [
            ("", f"no response to {name} after {time}"),
            ("", f"intolerance of {name}"),
            ("an ", f"inadequate response to {name}"),
            ("", f"no improvement after {time} of {name}"),
            ("a ", f"contraindication to {name}"),
        ]
        does = [f"do not respond to {name}", f"cannot tolerate {name}", f"do not improve within {time}"]
        draw = self.rng.random()
        if draw < 0.6:
            clause_article, clause = self.rng.choice(clauses)
            return Condition("clinical_feature", clause=clause, clause_article=clause_article)
        if draw < 0.85:
            noun_article, noun = self.rng.choice(nouns)
            return Condition("clinical_feature", noun=noun, article=noun_article)
        return Condition("clinical_feature", does=self.rng.choice(does))

    # other

    def at_least(self) -> Condition:
        """ "At least two of A, B and C" as the one object that it is."""
        items = [self.feature() for _ in range(3)]
        count = self.rng.choice(("at least two of", "two or more of", "any two of"))
        listing = ", ".join(f"{item.article}{item.noun}" for item in items[:2])
        text = f"{count} {listing} and {items[2].article}{items[2].noun}"
        return Condition("clinical_feature", noun=text)

    def background(self) -> str:
        fact = self._fresh(self.area.facts)
        return re.sub(r"\{(\d+)-(\d+)\}( %)?", self._number, fact)

    def _number(self, match: re.Match[str]) -> str:
        value = self.rng.randint(int(match[1]), int(match[2]))
        return f"{value}{'%' if match[3] else ''}"


def _merged(first: str, second: str) -> str:
    """`mild or moderate pain` of `mild pain` and `moderate pain`; empty where they differ in more than one word."""
    one, two = first.split(), second.split()
    places = [index for index, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    if len(one) != len(two) or len(places) != 1 or len(one) < 2:
        return ""
    place = places[0]
    return " ".join([*one[: place + 1], "or", *two[place:]])


def _content_words(entry: str) -> set[str]:
    words = re.findall(r"[a-z][a-z-]{5,}", entry.lower())
    return {word[:7] for word in words} - _COMMON
