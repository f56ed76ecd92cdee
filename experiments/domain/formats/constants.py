"""The constants of the grammar, in the paper's order. Quantifying Language Models' Sensitivity to Spurious Features, 2023."""

#: S1, between a descriptor and its text.
SEPARATORS = (
    "",
    "::: ",
    ":: ",
    ": ",
    " \n\t",
    "\n    ",
    " : ",
    " - ",
    " ",
    "\n ",
    "\n\t",
    ":",
    "::",
    "- ",
    "\t",
)

#: C, between fields and between the items of an enumeration. One of the 16 stands twice in the paper's list.
LISTED_SPACES = (
    "",
    " ",
    "\n",
    " \n",
    " -- ",
    "  ",
    "; \n",
    " || ",
    " <sep> ",
    " -- ",
    ", ",
    " \n ",
    " , ",
    "\n ",
    ". ",
    " ,  ",
)

#: C, each once, so that every space is as likely as any other.
SPACES = tuple(dict.fromkeys(LISTED_SPACES))

#: S2, between an option's word and its number.
OPTION_SEPARATORS = ("", " ", "  ", "\t")

#: F, how descriptors are written.
CASINGS = ("as written", "Title Case", "UPPER CASE", "lower case")

#: Around the number of an item, which stands for x.
ITEM_WRAPPERS = ("(x)", "x.", "x)", "x )", "[x]", "<x>")

#: How items are counted, each by its first label. The fourth is Unicode's own Roman numeral one.
ITEM_NUMBERS = ("1", "A", "a", "\u2160", "i", "I")
