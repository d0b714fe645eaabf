"""Days, birthdays and collection years, as the field counts them."""

from datetime import date, timedelta

DAY = timedelta(days=1)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def years_after(day: date, years: int) -> date:
    """The same day some years later; of 29 February, 1 March in a year without one."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def age_on(born: date, day: date) -> int:
    """Completed years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def collection_year(day: date) -> int:
    """The March that ends the day's collection year."""
    return day.year + (day.month >= 4)


def first_day(year: int) -> date:
    return date(year - 1, 4, 1)


def last_day(year: int) -> date:
    return date(year, 3, 31)
