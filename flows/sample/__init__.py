"""The bundled sample: invented children, written as the files an authority would deliver.

Nobody in it lives or has lived; the places, and the figures that the plan and the department
have printed, are Dudley's. It comes in through the same door as any return, and it holds the
awkward things that real returns hold:

* episodes open across years, told in every return until one closes them (most long stays);
* 1,450 children with a first episode between April 2001 and March 2011, and 379 without:
  315 whose care began before April 2001 (the start of 70 of them is known, for the return of
  2002 still has it) and 64 with short breaks only;
* 25 of the 1,450 looked after before April 2001 too, 12 with short breaks before care, 14
  unaccompanied, 8 born on 29 February (one of them enters on 28 February, one on 1 March);
* 285 returns to care: second, third and fourth periods;
* short breaks as one agreement (V4, 42 children) and as a row for each stay (V3, 22), 8 of
  them still open in 2011;
* homes: none known for 46 periods of care, in no directory for 25, in another authority for
  62, at a terminated postcode for 155; postcodes without their space or in lower case;
  addresses that change, and children without one;
* same-day episodes: 5 police protections and 8 stays elsewhere that end the day they begin;
* placement changes (X1) across the year end: 8 on 31 March, 6 on 1 April;
* what the next return puts right: 8 starts of a placement, 5 of care, 9 closures, 6 children
  first told a year late, 14 ethnic origins, 4 dates of birth, 2 sexes;
* what no return puts right, so that the repairs must: 7 placements that never were, 7 closing
  rows never returned, 7 placement changes found late, 7 overlaps, 8 children who vanish, 6
  who start again;
* censuses with unborn children (9 to 19 on each 31 March), young people over 18, referrals
  with no further action (310 to 660), closed cases, children referred again within the year
  and on its last day, plans with several reviews and transferred in, 9 cases that the next
  census does not mention and 12 whose need is stated only there.
"""

from pathlib import Path

from flows.sample import children, cin_census, places, ssda903, statistics


def write(folder: Path) -> list[Path]:
    """Write the sample below a folder and say which files were written, in order."""
    home = folder / places.LA_CODE
    looked_after = children.invent()
    return sorted(
        [
            *places.write(home),
            *statistics.write(home),
            *ssda903.write(home, looked_after),
            *cin_census.write(home, looked_after),
        ]
    )
