"""Whole numbers in English words."""

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spoken(number: int) -> str:
    """For example "nine thousand four hundred and twelve"; up to 9999."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            times, rest = divmod(number, size)
            joint = " and " if 0 < rest < 100 else " "
            return f"{spoken(times)} {name}" + (f"{joint}{spoken(rest)}" if rest else "")
    raise ValueError(f"{number} has no place here")
