"""Sentences that decide nothing: facts, definitions, trials, scores, scope, and advice for everybody."""

from __future__ import annotations

from collections.abc import Callable

from text2mdt.synthetic import action_phrases as act
from text2mdt.synthetic import sentences as say
from text2mdt.synthetic.areas import is_plural
from text2mdt.synthetic.layouts import cells
from text2mdt.synthetic.told import Teller
from text2mdt.synthetic.tree import Leaf
from text2mdt.synthetic.writer import capital, sentence

Line = Callable[[Teller], str]


def beside(t: Teller) -> str:
    """A sentence to stand beside a decision."""
    return t.rng.choices((fact, everybody, trial, drug_fact, prognosis, no_evidence, audit), (8, 5, 1, 1, 1, 1, 2))[0](
        t
    )


def without_decision(t: Teller) -> list[str]:
    """The sentences of a passage that holds no decision, from three to six; a table or list may stand for some."""
    pools: tuple[tuple[Line, ...], ...] = (
        (fact, trial, drug_fact, prognosis, features, presentation),
        (fact, grading, trial, score_outcome, prognosis, features, drug_fact, frequency),
        (everybody, everybody, everybody_command, fact, audit, scope),
        (scope, no_evidence, audit, fact, trial, research),
        (features, grading, frequency, fact, conditional_risk, presentation, test_fact),
    )
    pool = t.w.pick(pools)
    lines = list(pool)
    t.rng.shuffle(lines)
    told = [line(t) for line in lines[: t.rng.randint(4, 6)]]
    if t.w.chance(0.35):
        del told[1:3]
        told.insert(t.rng.randint(0, len(told)), t.w.pick((definitions, usual_doses, side_effects, checklist))(t))
    return told


def definitions(t: Teller) -> str:
    """A table or list of grades or bands and what they are called."""
    words = t.w.pick(
        (("Low", "Intermediate", "High"), ("Grade 1", "Grade 2", "Grade 3"), ("Class A", "Class B", "Class C"))
    )
    bands = t.facts.bands(3) if t.facts.can_band(3) else t.facts.bands(2)
    pairs = [(word, band.short or band.noun or band.state) for word, band in zip(words, bands, strict=False)]
    heading = bands[0].heading or "age"
    if t.w.chance(0.3):
        return f"The {heading} is graded as follows: " + "; ".join(map(": ".join, pairs)) + "."
    return cells((t.w.pick(("Category", "Name", "Grade", "Risk")), capital(heading)), pairs)


def usual_doses(t: Teller) -> str:
    """A table of drugs with their doses, for nobody in particular."""
    drugs: dict[str, str] = {}
    wanted = t.rng.randint(2, 4)
    while len(drugs) < wanted:
        drug = t.facts.drug()
        if drug.dose:
            drugs[drug.name] = drug.dose
    headers = (
        t.w.pick(("Drug", "Medicine", "Agent")),
        t.w.pick(("Usual dose", "Dose in trials", "Defined daily dose")),
    )
    return cells(headers, [(capital(name), dose) for name, dose in drugs.items()])


def side_effects(t: Teller) -> str:
    """A table of drugs with what they may cause."""
    pairs = [(capital(_drug(t)), t.facts.feature().noun) for _ in range(t.rng.randint(2, 4))]
    return cells(
        (t.w.pick(("Drug", "Medicine", "Agent")), t.w.pick(("Side effects", "Known harms", "Reported in trials"))),
        pairs,
    )


def checklist(t: Teller) -> str:
    """A list for everybody."""
    items = [act.short(t.w, t.facts.simple_leaf()) for _ in range(t.rng.randint(2, 4))]
    whom = t.w.pick((f"all {t.w.noun}", "everyone", f"every {t.w.one}"))
    return f"{t.w.pick(('For', 'Checklist for', 'Offered to', 'To be arranged for'))} {whom}: {'; '.join(items)}."


def fact(t: Teller) -> str:
    return t.facts.background()


def everybody(t: Teller) -> str:
    return sentence(say.for_everybody(t.w, t.facts.simple_leaf()))


def everybody_command(t: Teller) -> str:
    whom = t.w.pick(("everyone", f"every {t.w.one}", f"all {t.w.noun}", "all, whatever their age"))
    leaf = Leaf((t.facts.drug(),))
    return sentence(f"{t.w.pick(('offer', 'give', 'prescribe'))} {act.named(t.w, leaf)} to {whom}")


def _drug(t: Teller) -> str:
    return t.facts.drug().name


def _share(t: Teller) -> str:
    low = t.rng.randint(2, 60)
    return t.w.pick(
        (f"{low}%", f"{low}–{low + t.rng.randint(2, 20)}%", f"about {low}%", f"one in {t.rng.randint(3, 20)}")
    )


def trial(t: Teller) -> str:
    number, less, drug, other = t.rng.randint(80, 6000), t.rng.randint(8, 55), _drug(t), _drug(t)
    problem, time = t.facts.area.problem, t.rng.randint(2, 24)
    was = "were" if is_plural(problem) else "was"
    return capital(
        t.w.pick(
            (
                f"in a trial of {number:,} {t.w.noun}, {drug} reduced {problem} by {less}% compared with {other}.",
                f"a meta-analysis of {t.rng.randint(4, 40)} studies found no difference between {drug} and {other}.",
                f"{drug} was not inferior to {other} in {number:,} {t.w.noun} followed for {time} months.",
                f"among {number:,} {t.w.noun}, {problem} {was} seen in {less}% with {drug}, {less + 7}% with {other}.",
                f"the evidence for {drug} comes from {time} randomised trials and is of moderate certainty.",
            )
        )
    )


def drug_fact(t: Teller) -> str:
    drug, year = _drug(t), t.rng.randint(1952, 2021)
    be, has = ("are", "have") if is_plural(drug) else ("is", "has")
    return capital(
        t.w.pick(
            (
                f"{drug} {has} been in use since {year}.",
                f"{drug} {has} a half-life of {t.rng.randint(2, 48)} hours and {be} cleared mainly by the "
                f"{t.w.pick(('kidneys', 'liver'))}.",
                f"the most frequent side effects of {drug} are {t.w.pick(('nausea', 'headache', 'rash'))} and "
                f"{t.w.pick(('dizziness', 'diarrhoea', 'drowsiness'))}.",
                f"{drug} {be} absorbed within {t.rng.randint(2, 6)} hours.",
                f"the yearly cost of {drug} was estimated at {t.rng.randint(20, 900)} euros a patient.",
            )
        )
    )


def prognosis(t: Teller) -> str:
    feature = t.facts.feature()
    risk = t.w.pick(("death", "relapse", "readmission", "complications", "disability"))
    change = t.w.pick(("doubles", "increases", "raises", "roughly triples"))
    if is_plural(feature.noun) and not feature.article:
        change = change.replace("doubles", "double").replace("increases", "increase").replace("raises", "raise")
        change = change.replace("triples", "triple")
    return capital(f"{feature.article}{feature.noun} {change} the risk of {risk}.")


def conditional_risk(t: Teller) -> str:
    """Reads like a condition, but nothing is to be done."""
    feature, state = t.facts.feature(), t.facts.state()
    return capital(
        t.w.pick(
            (
                f"if {state.clause_article}{state.clause}, the outlook is worse.",
                f"when there is {feature.article}{feature.noun}, mortality reaches {_share(t)}.",
                f"where {state.clause_article}{state.clause}, recovery takes {t.rng.randint(2, 12)} weeks longer.",
                f"{t.w.noun} with {feature.article}{feature.noun} stay in hospital for {t.rng.randint(3, 21)} days.",
            )
        )
    )


def features(t: Teller) -> str:
    names = [f"{item.article}{item.noun}" for item in (t.facts.feature() for _ in range(3))]
    return capital(
        t.w.pick(
            (
                f"typical findings are {names[0]}, {names[1]} and {names[2]}.",
                f"the picture ranges from {names[0]} to {names[1]}.",
                f"{names[0]}, {names[1]} and {names[2]} have all been described.",
                f"risk markers include {names[0]} and {names[1]}.",
            )
        )
    )


def presentation(t: Teller) -> str:
    group = t.w.pick(t.facts.area.groups)
    return capital(f"the usual distinction is between {', '.join(group[:-1])} and {group[-1]}.")


def frequency(t: Teller) -> str:
    feature = t.facts.feature()
    return capital(
        t.w.pick(
            (
                f"{feature.article}{feature.noun} is seen in {_share(t)} of {t.w.noun}.",
                f"in registries, {_share(t)} of {t.w.noun} had {feature.article}{feature.noun}.",
                f"{_share(t)} of the {t.w.noun} in one cohort had {feature.article}{feature.noun} at the first visit.",
            )
        )
    ).replace("s is seen", "s are seen" if is_plural(feature.noun) and not feature.article else "s is seen")


def grading(t: Teller) -> str:
    measure = t.w.pick(t.facts.area.measures)
    first, last = measure.thresholds[0], measure.thresholds[-1]
    unit = f" {measure.unit}" if measure.unit and measure.unit != "%" else measure.unit
    return capital(
        t.w.pick(
            (
                f"the {measure.name} is called low below {first}{unit} and high above {last}{unit}.",
                f"a value of {last}{unit} for the {measure.name} lies at the upper end of the usual range.",
                f"in most laboratories and surveys, the {measure.name} is reported with a cut-off of {first}{unit}.",
                f"the median {measure.name} in large cohorts was close to {last}{unit}.",
            )
        )
    )


def score_outcome(t: Teller) -> str:
    scores = [item for item in t.facts.area.measures if item.low is not None] or list(t.facts.area.measures)
    score = t.w.pick(scores)
    return capital(
        t.w.pick(
            (
                f"the {score.name} predicts outcome: {score.thresholds[0]} or more points to a {_share(t)} risk.",
                f"a {score.name} of {score.thresholds[-1]} or more carries a poor prognosis.",
                f"agreement between raters for the {score.name} is good.",
            )
        )
    )


def test_fact(t: Teller) -> str:
    test = t.facts.test()
    return capital(f"the sensitivity of {test.article}{test.name} is {t.rng.randint(55, 99)}% in experienced hands.")


def no_evidence(t: Teller) -> str:
    drug = _drug(t)
    return capital(
        t.w.pick(
            (
                f"the panel made no recommendation on {drug} for lack of evidence.",
                f"no trial has compared {drug} with {_drug(t)}.",
                f"the committee could not agree on the place of {drug}.",
                f"evidence on {drug} in this group is sparse.",
            )
        )
    )


def research(t: Teller) -> str:
    plan = t.facts.plan(nouns_only=True)
    improve = "improve" if is_plural(plan.name) and not plan.article else "improves"
    return f"Further research should establish whether {plan.article}{plan.name} {improve} survival or quality of life."


def scope(t: Teller) -> str:
    year = t.rng.randint(2009, 2025)
    return t.w.pick(
        (
            f"This section covers {t.w.noun} in {t.w.pick(('primary care', 'hospital', 'emergency departments'))}.",
            f"The guideline was published in {year} and is due for review in {year + 5}.",
            f"Members of {t.rng.randint(3, 14)} professional societies took part in the {year} revision.",
            f"The literature was searched up to {t.w.pick(('March', 'June', 'October'))} {year}.",
            "Recommendations are graded by the strength of the evidence behind them.",
            f"The {year} edition replaces all earlier statements on {t.facts.area.disease}.",
        )
    )


def audit(t: Teller) -> str:
    return t.w.pick(
        (
            f"Every {t.w.one} should be told about the plan in plain language.",
            "Decisions should be recorded in the notes.",
            f"Written information is given to all {t.w.noun}.",
            f"All {t.w.noun} should know whom to contact out of hours.",
            "The local protocol should be audited once a year.",
            f"Explain the benefits and harms of treatment to every {t.w.one}.",
            f"Allergies and current medicines are documented for all {t.w.noun}.",
        )
    )
