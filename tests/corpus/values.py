"""Values that cannot be what they say. Such files land as delivered: what cannot be read is
set aside or listed, row by row and value by value, and nothing becomes a blank unseen."""

from dataclasses import dataclass

from tests.corpus.case import HEADINGS, PLANTED, census, child

Said = tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Values:
    """One delivery of values.

    text      the file; in line 2 of a return stands a row with nothing wrong
    loaded    rows of episodes or referrals that staging holds
    set_aside line, column and reason of each row in quality.quarantine
    unread    line, column and reason of each value in quality.conversions
    repaired  line and rule of each episode in quality.episode_repairs
    """

    name: str
    text: str
    loaded: int
    set_aside: Said = ()
    unread: Said = ()
    repaired: tuple[tuple[int, str], ...] = ()
    source: str = "ssda903"


def episode(
    who: str = PLANTED,
    decom: str = "01/05/2010",
    dec: str = "",
    rec: str = "",
    rne: str = "S",
    ls: str = "C2",
    place: str = "Q2",
    post: str = "DY1 1AA",
) -> str:
    return f"{who},{decom},{rne},{ls},N1,{place},{dec},{rec},{post}"


def values(name: str, *rows: str, **expected) -> Values:
    text = "\n".join([HEADINGS, episode("GOOD"), *rows]) + "\n"
    return Values(name, text, **expected)


def begun(name: str, decom: str) -> Values:
    """A start that is no date: the row is set aside."""
    reason = (3, "decom", "start_date_unreadable")
    return values(name, episode(decom=decom), loaded=1, set_aside=(reason,))


def ended(name: str, dec: str) -> Values:
    """An end that is no date: the value is told, and what is made of the episode."""
    row = episode(dec=dec, rec="E4A")
    reason = (3, "dec", "date_unreadable")
    return values(name, row, loaded=2, unread=(reason,), repaired=((3, "unusable_end"),))


def coded(name: str, column: str, reason: str, **code: str) -> Values:
    return values(name, episode(**code), loaded=2, unread=((3, column, reason),))


def referral(name: str, old: str, new: str, **expected) -> Values:
    text = census(child("GOOD"), child().replace(old, new))
    return Values(name, text, source="cin_census", **expected)


VALUES = (
    begun("a-start-in-american", "05/13/2010"),
    begun("a-start-in-a-year-of-two-digits", "01/05/10"),
    begun("a-start-in-the-year-11", "01/05/0011"),
    begun("a-start-on-29-february-2011", "29/02/2011"),
    begun("a-start-as-excel-counts-days", "40299"),
    begun("a-start-in-words", "1st May 2010"),
    begun("a-start-with-a-time", "01/05/2010 09:30"),
    begun("a-start-with-dots", "01.05.2010"),
    begun("a-start-that-is-an-error", "#REF!"),
    begun("the-headings-again-half-way", "DECOM"),
    ended("an-end-in-american", "05/13/2010"),
    ended("an-end-in-a-year-of-two-digits", "01/05/11"),
    ended("an-end-in-the-year-11", "01/05/0011"),
    ended("an-end-on-29-february-2011", "29/02/2011"),
    ended("an-end-as-excel-counts-days", "40603"),
    ended("an-end-that-is-an-error", "#N/A"),
    values("no-start", episode(decom=" "), loaded=1,
           set_aside=((3, "decom", "start_date_missing"),)),
    values("a-start-in-iso", episode(decom="2010-05-01"), loaded=2),
    values("a-start-to-come", episode(decom="01/05/2099"), loaded=2),
    values("an-end-to-come", episode(dec="01/05/2099", rec="E4A"), loaded=2),
    values("29-february-2008", episode(decom="29/02/2008"), loaded=2),
    values(
        "an-end-before-its-start", episode(dec="30/04/2010", rec="E4A"),
        loaded=2, repaired=((3, "unusable_end"),),
    ),
    values("no-child", episode(""), loaded=1, set_aside=((3, "child", "child_id_missing"),)),
    values("a-child-of-spaces", episode("  "), loaded=1,
           set_aside=((3, "child", "child_id_missing"),)),
    values("a-child-with-spaces-in-small-letters", episode(f"  {PLANTED.lower()} "), loaded=2),
    values("a-row-twice", episode(), episode(), loaded=3, repaired=((4, "repeated"),)),
    coded("a-legal-status-that-nobody-knows", "ls", "code_unknown", ls="ZZ"),
    coded("a-placement-that-nobody-knows", "place", "code_unknown", place="XX"),
    coded("a-placement-of-a-later-year", "place", "code_not_in_force", place="K3"),
    coded("a-start-reason-that-nobody-knows", "rne", "code_unknown", rne="?"),
    coded("a-postcode-that-is-none", "home_post", "postcode_unreadable", post="B6"),
    coded("a-postcode-with-sql", "home_post", "postcode_unreadable", post="' or 1=1 --"),
    referral(
        "a-referral-on-a-british-date", "2010-06-01", "01/06/2010", loaded=1,
        set_aside=((12, "cin_referral_date", "start_date_unreadable"),),
    ),
    referral(
        "a-referral-of-no-child", f"<LAchildID>{PLANTED}</LAchildID>", "", loaded=1,
        set_aside=((10, "la_child_id", "child_id_missing"), (12, "_child_key", "child_id_missing")),
    ),
    referral(
        "a-closure-that-is-no-date", "<ReferralNFA>",
        "<CINclosureDate>2011-02-29</CINclosureDate><ReasonForClosure>RC1</ReasonForClosure>"
        "<ReferralNFA>", loaded=2, unread=((12, "cin_closure_date", "date_unreadable"),),
    ),
    referral(
        "a-flag-that-says-perhaps", "<ReferralNFA>0", "<ReferralNFA>perhaps", loaded=2,
        unread=((12, "referral_nfa", "flag_unreadable"),),
    ),
)  # fmt: skip
