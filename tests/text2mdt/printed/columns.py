"""Pages of one, two and three columns, and what stands between and over them."""

from __future__ import annotations

from dataclasses import replace

from reportlab.lib.units import mm

from printed.gout import DOSES, article, body, header_and_footer, prose
from printed.pages import Layouts, Printed, collected_in, printed
from printed.parts import Section, Sheet, footnote, heading, item, paragraph, picture

NARROW = Sheet(points=9.0, leading=11.0, gutter=4 * mm, furniture=header_and_footer)
LAYOUTS: Layouts = {}
layout = collected_in(LAYOUTS)


@layout
def one_column_justified() -> Printed:
    return printed(article(5), Sheet(furniture=header_and_footer))


@layout
def one_column_ragged_helvetica() -> Printed:
    return printed(article(5), Sheet(family="Helvetica", justified=False, furniture=header_and_footer))


@layout
def two_columns() -> Printed:
    return printed(article(8), Sheet(furniture=header_and_footer), 2)


@layout
def two_columns_ragged() -> Printed:
    return printed(article(6), Sheet(justified=False), 2)


@layout
def three_columns() -> Printed:
    return printed(article(9), Sheet(points=8.5, leading=10.5, gutter=6 * mm), 3)


@layout
def narrow_gutter() -> Printed:
    return printed(article(8), NARROW, 2)


@layout
def narrow_gutter_three_columns() -> Printed:
    return printed(article(8), replace(NARROW, points=8.0, leading=9.6), 3)


@layout
def title_and_abstract_over_two_columns() -> Printed:
    top = (heading("Management of gout in adults"), heading("Abstract", 3), prose(5))
    return printed([Section(top), Section(tuple(body(4)), 2)])


@layout
def full_width_between_columns() -> Printed:
    return printed(
        [
            Section((heading("Management of gout in adults"),)),
            Section(tuple(body(2)), 2),
            Section((paragraph("Table 1. Dose of colchicine by renal function"), DOSES)),
            Section(tuple(body(2, 3)), 2),
            Section((picture(90), paragraph("Figure 1. Crystals under the microscope"))),
            Section(tuple(body(2, 5)), 2),
            Section((heading("7 Summary", 2), prose(4))),
        ]
    )


@layout
def short_heading_over_both_columns() -> Printed:
    return printed(
        [
            Section(tuple(article(1)), 2),
            Section((heading("2 Diet", 2),)),
            Section((prose(6), prose(5, 3)), 2),
            Section((heading("3 Exercise", 2),)),
            Section((prose(4, 2), prose(5, 5)), 2),
        ]
    )


@layout
def unequal_last_columns() -> Printed:
    return printed([Section(tuple(article(2)), 2, share=1.7)])


@layout
def hardly_a_second_column() -> Printed:
    return printed([Section((heading("Gout"), prose(4), prose(4, 4)), 2, share=1.9)])


@layout
def table_in_one_column() -> Printed:
    parts = [*article(1), paragraph("Table 1. Dose of colchicine"), DOSES, *body(3, 2)]
    return printed(parts, Sheet(furniture=header_and_footer), 2)


@layout
def footnotes_at_the_foot_of_columns() -> Printed:
    notes = [footnote("a These doses are for adults of less than 75 years with normal kidneys and a normal liver.")]
    return printed([*article(2), *notes, *body(3, 3)], columns=2)


@layout
def framed_recommendations() -> Printed:
    advice = (
        heading("Recommendation 1", 3),
        paragraph(
            "Offer colchicine, an NSAID or prednisolone to adults with a flare, unless they are contraindicated."
        ),
        item("Prefer colchicine with anticoagulants."),
    )
    second = (paragraph("Do not start allopurinol during a flare, except where it was taken before the flare began."),)
    return printed(
        [
            Section(tuple(article(1))),
            Section(advice, box="shaded"),
            Section(tuple(body(1, 2)), 2),
            Section(second, box="framed"),
            Section(tuple(body(1, 3)), 2),
        ]
    )
