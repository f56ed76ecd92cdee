"""Small tables of English words, written by hand for the perturbations."""

import re

#: Words that sound alike.
HOMOPHONES = (
    "their there they're, your you're, its it's, whose who's, to too, hear here, where wear, weather whether, which witch,"
    "right write, know no, knew new, see sea, be bee, by buy bye, son sun, sum some, hole whole, peace piece, week weak,"
    "weight wait, way weigh, meet meat, made maid, mail male, main mane, plain plane, pair pear, fair fare, hair hare,"
    "sale sail, tail tale, read red, road rode, rows rose, seen scene, sent cent, cell sell, site sight, steel steal,"
    "than then, threw through, won one, would wood, our hour, are our, break brake, bear bare, board bored, course coarse,"
    "desert dessert, die dye, earn urn, find fined, flower flour, great grate, guest guessed, heard herd, heal heel,"
    "higher hire, knight night, lead led, lessen lesson, loan lone, mind mined, missed mist, past passed, pole poll,"
    "pour poor, principal principle, rain reign, real reel, root route, seam seem, shore sure, soar sore, sole soul,"
    "stair stare, stationary stationery, storey story, tide tied, toe tow, vain vein, wait weight, waist waste, war wore,"
    "ware wear, warn worn, wrap rap, wring ring, base bass, beach beech, blue blew, ceiling sealing, chews choose"
)
#: Of the same meaning in most sentences.
SYNONYMS = {
    "answer": "reply", "begin": "start", "begins": "starts", "big": "large", "bought": "purchased", "buy": "purchase",
    "buys": "purchases", "calculate": "compute", "called": "named", "car": "automobile", "choose": "pick", "city": "town",
    "correct": "right", "country": "nation", "determine": "find", "discover": "find", "discovered": "found", "each": "every",
    "end": "finish", "ends": "finishes", "entire": "whole", "evaluate": "compute", "fast": "quick", "find": "determine",
    "frequently": "often", "get": "obtain", "gets": "obtains", "give": "provide", "gives": "provides",
    "happened": "occurred", "happens": "occurs", "help": "assist", "house": "home", "huge": "enormous", "important": "key",
    "invented": "devised", "job": "work", "kind": "type", "large": "big", "largest": "biggest", "leave": "depart",
    "leaves": "departs", "little": "small", "main": "chief", "make": "produce", "makes": "produces",
    "many": "numerous", "mostly": "mainly", "movie": "film", "near": "close to", "needed": "required",
    "needs": "requires", "old": "aged", "part": "portion", "picture": "image", "place": "location",
    "problem": "task", "quick": "fast", "quickly": "fast", "rapidly": "fast", "receives": "gets", "remaining": "left",
    "road": "street", "sells": "vends", "ship": "vessel", "shop": "store", "show": "display", "small": "little",
    "smallest": "tiniest", "sold": "vended", "start": "begin", "starts": "begins", "store": "shop", "street": "road",
    "travels": "goes", "type": "kind", "use": "employ", "used": "employed",
    "usually": "normally", "whole": "entire", "wrote": "penned",
}  # fmt: skip
#: Words that carry little; negations and "or", "and", "if" are none of them.
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the an of to in on at by for from with as is are was were be been being am do does did has have had this that these "
        "those "
        "it its there here very just also so then than will would shall should can could may might must into onto upon about "
        "please kindly really quite rather such",
    )
)
#: Two words said as one. None has a negation in it.
CONTRACTIONS = {
    "it is": "it's", "it has": "it's", "that is": "that's", "what is": "what's", "who is": "who's", "where is": "where's",
    "there is": "there's", "here is": "here's", "how is": "how's", "he is": "he's", "she is": "she's", "you are": "you're",
    "we are": "we're", "they are": "they're", "you have": "you've", "we have": "we've", "they have": "they've",
    "you will": "you'll", "we will": "we'll", "they will": "they'll", "he will": "he'll", "she will": "she'll",
    "it will": "it'll", "you would": "you'd", "we would": "we'd", "they would": "they'd", "let us": "let's",
    "should have": "should've", "would have": "would've", "could have": "could've",
}  # fmt: skip
#: How the same is said among friends.
CASUAL = {
    "calculate": "work out", "compute": "work out", "determine": "figure out", "find": "figure out", "evaluate": "work out",
    "many": "loads of", "children": "kids", "child": "kid", "friend": "buddy", "friends": "buddies", "money": "cash",
    "food": "grub", "man": "guy", "men": "guys", "very": "super", "large": "huge", "small": "tiny", "purchase": "buy",
    "purchases": "buys", "purchased": "bought", "receives": "gets", "received": "got", "obtains": "gets", "departs": "heads off",
    "arrives": "turns up", "because": "cause", "going": "gonna", "want": "wanna", "yes": "yeah",
    "explain": "spell out", "requires": "needs", "remain": "are left", "television": "telly", "bicycle": "bike",
    "answer": "reply", "question": "thing", "please": "pls", "you": "u", "your": "ur", "are": "r", "through": "thru",
    "people": "folks", "therefore": "so", "however": "but", "additional": "extra",
}  # fmt: skip
LEAD_INS = (
    "I was hoping that somebody could help me with something that has been on my mind for a while now:",
    "So, before I get to the point, let me say that I have thought about this for quite some time, and here it is:",
    "If there is a moment to spare, and only then, I would like to ask the following:",
    "Let me begin by thanking whoever reads this; what I would really like to know, when all is said, is this:",
    "It may sound like a simple matter, and perhaps it is, but I would be most grateful to have this looked at:",
)
IRRELEVANT = (
    "A watched pot takes its time.",
    "My neighbour painted her fence green last spring.",
    "The bakery on the corner closes early when it rains.",
    "Early birds like quiet gardens.",
    "My cousin is learning to play the accordion.",
    "The library has moved its reading chairs to the window.",
    "Old boots make good flower pots.",
    "The bus driver hums when the road is empty.",
    "A full basket is carried slowly.",
    "The cat next door prefers the sunny side of the roof.",
)
