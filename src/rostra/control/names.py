"""Names that people are called: normalised, of 2 to 40 characters, of one script, no look-alikes.

Pure. Scripts mix as Unicode TR 39 §5.2 has it for *highly restrictive*: Latin beside those of East Asia, and
no others; and only scripts in wide use (Unicode TR 31, table 5), with three more whose letters the tables
below know. Symbols and unusual signs are refused: what they look like is in no table.

Two names look alike when their *skeletons* are equal, as in TR 39 §4: compatibility forms and accents go,
and letters of other scripts become the Latin ones that they look like. Marks that spell, as the vowels of
India and Thailand and the voicing of kana do, stay. The tables are a selection of TR 39's
``confusables.txt``, made stricter by ignoring case, spaces and signs, as people do who read in haste; Latin
letters of their own become those that Unicode names them after, and are of no name where that is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rostra.core.errors import BadRequest, Conflict

SHORTEST: Final = 2
LONGEST: Final = 40
_CAPITALS: Final = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" "АВЕКМНОРСТУХІЈЅЗԜЁҒҚҢҪҮ" "ՕՍՏԼ",
    "ABEZHIKMNOPTYX" "ABEKMHOPCTYXIJSEWEFKHCY" "OUSL",
)  # fmt: skip
"""What looks alike as a capital only: a Greek nu is an N, and its small letter a v."""
_MODIFIERS: Final = range(0x2B9, 0x300)
"""Signs beside letters, which any script has."""
_TABLE: Final = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "є": "e", "ҽ": "e", "ғ": "f", "ԍ": "g",
        "һ": "h", "н": "h", "ң": "h", "ҥ": "h", "ђ": "h", "ћ": "h", "і": "l", "ї": "l", "ј": "j", "к": "k",
        "қ": "k", "ҝ": "k", "ҡ": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o", "ө": "o", "ѳ": "o", "р": "p",
        "ԛ": "q", "г": "r", "ґ": "r", "ѕ": "s", "т": "t", "ҭ": "t", "у": "y", "ү": "y", "ұ": "y", "ѵ": "v",
        "ѡ": "w", "ԝ": "w", "х": "x", "ҳ": "x", "ҫ": "c", "з": "e", "б": "g", "ь": "b", "ш": "w", "щ": "w",
        # Greek
        "α": "a", "β": "b", "ϲ": "c", "ε": "e", "γ": "y", "η": "n", "ι": "l", "κ": "k", "μ": "u", "ν": "v",
        "ο": "o", "ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "ζ": "z", "ϳ": "j",
        # Armenian
        "օ": "o", "ս": "u", "հ": "h", "ո": "n", "ռ": "n", "ց": "g", "զ": "q", "յ": "j",
        "ա": "w", "լ": "l", "ք": "f",
        # Latin of other names than their look
        "ɑ": "a", "æ": "ae", "œ": "oe", "ð": "d", "þ": "p", "ŋ": "n", "ɩ": "l", "ƨ": "s", "ƽ": "s",
        "ǀ": "l", "ǁ": "ll", "ǂ": "", "ǃ": "", "ꞌ": "", "ʔ": "", "ɂ": "", "ʕ": "", "ʍ": "m", "ɯ": "w",
        "ə": "e", "ɣ": "y", "ɤ": "y", "ʋ": "u", "ᶌ": "y", "ʊ": "u", "ʉ": "u", "ꞵ": "b", "ƅ": "b", "ȣ": "b",
        "ꭓ": "x", "ꭇ": "r", "ƍ": "g", "ʗ": "c", "ʘ": "o", "ɸ": "o", "ꞷ": "w", "ɷ": "w", "ɒ": "a", "ƛ": "a",
        "ʃ": "f", "ʄ": "f", "ĸ": "k", "ƿ": "p", "ʒ": "e", "ȝ": "e", "ƹ": "e", "ƣ": "ol", "ꝏ": "oo",
        # Georgian, Ethiopic, Hebrew, Arabic
        "ჿ": "o", "ყ": "y", "ሀ": "u", "ዐ": "o", "ፐ": "t", "ס": "o", "ו": "l", "ן": "l", "ט": "v",
        "ا": "l", "ه": "o", "ہ": "o", "ھ": "o", "ە": "o", "ی": "ي", "ى": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك",
        # Oriya, Malayalam, Myanmar
        "ଠ": "o", "ഠ": "o", "ട": "s", "ဝ": "o", "င": "c", "ပ": "u",
        # Hangul and Han beside Latin
        "ᄋ": "o", "ᅵ": "l", "〇": "o", "丨": "l", "丁": "t",
        # Han beside kana, and kana beside each other
        "二": "ニ", "八": "ハ", "卜": "ト", "工": "エ", "力": "カ", "夕": "タ", "口": "ロ", "囗": "ロ",
        "千": "チ", "匕": "ヒ", "才": "オ", "三": "ミ", "丿": "ノ", "厶": "ム", "乄": "メ", "一": "ー",
        "へ": "ヘ", "り": "リ",
        # What looks alike in Latin itself
        "i": "l", "1": "l", "|": "l", "0": "o", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t",
        "8": "b", "$": "s", "@": "a",
        # The nasal of Hindi, which is written either way
        "\u0901": "\u0902",
    }
    # Apostrophes and other signs that count as letters; tones of Lisu and Minnan
    | dict.fromkeys([*map(chr, _MODIFIERS), *map(chr, range(0x1AFF0, 0x1AFFF)), *"ՙـۥۦࣉॱꙿꓸꓹꓺꓻꓼꓽ"], "")
    | dict(zip(
        # Cherokee
        "ᎠᎡᎢᎥᏆᎩᎪᎫᎬᎳᎷᎻᎽᎾᏀᏂᏃᏎᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏫᏮᏴ"
        # Lisu
        "ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ"
        # Coptic
        "ⲁⲃⲉⲍⲏⲓⲕⲙⲛⲟⲣⲥⲧⲩⲭⲱ"
        # Canadian syllabics
        "ᗩᗅᗷᑕᗪᗞᕮᗴᖴᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭ᕁᘔᑯᑲ",
        "drtllyajewmhyoghzabrwsvslcpkdogb"
        "bpdtgkjczfmnlsrvhwxyaelou"
        "abezhlkmnopctyxw"
        "aabcddeefhjlmnpqrsuvwxxzdb",
        strict=True,
    ))
)  # fmt: skip
_NAMED_AFTER: Final = re.compile(
    r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL) (?:[A-Z]+ )*([A-Z])(?: WITH .*)?"
)
"""Of a Latin letter without a decomposition: an L with a stroke, an open E, a small capital A."""
_FILLERS: Final = frozenset("\u115f\u1160\u2800")
"""Letters and a sign that nobody sees; others become these in their plain form."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Unseen, and part of Persian words and of emoji."""
_MARKS: Final = frozenset({"Mn", "Mc"})
_WITHOUT_MARKS: Final = frozenset(
    {"ARABIC", "COPTIC", "ETHIOPIC", "HEBREW", "MONGOLIAN", "SAMARITAN", "SYRIAC"}
)
"""Scripts whose own marks are left out as often as not, or are not seen."""
_KANA: Final = frozenset({"HIRAGANA", "KATAKANA"})
_VOICING: Final = frozenset("\u3099\u309a")
_DASHES: Final = frozenset("ーᅳ")
"""Letters that look like a hyphen in a Latin word."""
_OPTIONAL_MARKS: Final = frozenset("\u093c\u17b4\u17b5")
"""The dot below of Hindi, which many leave out; vowels of Khmer that nobody sees."""
_SCRIPTS: Final = {"IDEOGRAPHIC": "CJK", "COMBINING": "", "VARIATION": ""}
"""Of what Unicode does not name after its script."""
_EAST_ASIA: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
_WIDELY_USED: Final = _EAST_ASIA | {
    "ARABIC", "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "GUJARATI",
    "GURMUKHI", "HEBREW", "KANNADA", "KHMER", "LAO", "LATIN", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA",
    "TAMIL", "TELUGU", "THAANA", "THAI", "TIBETAN",
}  # fmt: skip
"""The scripts of Unicode TR 31, table 5."""
_KNOWN: Final = frozenset({"CANADIAN", "CHEROKEE", "LISU"})
"""Of TR 31, table 7: those whose letters that look Latin are all in the table above."""
_SIGNS: Final = frozenset(" -‐–'’‘ʼ\"“”.,&()_·・゠׳״־་॰፡")
"""What stands between letters: of initials, double names, nicknames, whole names of Ethiopia and Tibet."""
_MOST_MARKS: Final = 4
"""One over the other (Unicode TR 39 §5.4)."""
_PAIRS: Final = (("rn", "m"), ("vv", "w"))


class BadName(BadRequest):
    """A name has 2 to 40 characters: letters of one alphabet in wide use, digits, spaces, and no symbols."""

    code = "bad_name"


class NameTaken(Conflict):
    """This name looks like that of somebody else here. Please choose another."""

    code = "name_taken"


def normalised(name: str) -> str:
    """Return ``name`` in its plain form (NFKC), spaces single; BadName when it is none."""
    plain = _plain(name)
    unseen = ("Cc", "Cf", "Cs", "Co", "Cn")
    if any(unicodedata.category(char) in unseen or char in _FILLERS for char in plain):
        raise BadName(field="name")
    if not SHORTEST <= len(plain) <= LONGEST or not any(char.isalpha() for char in plain):
        raise BadName(field="name")
    if not all(_is_of_names(char) for char in plain) or _is_stacked(plain):
        raise BadName(field="name")
    scripts = {script for char in plain if (script := _script(char))}
    if not scripts <= _WIDELY_USED | _KNOWN:
        raise BadName(field="name")
    if any(_script(char) == "LATIN" and not skeleton(char).isascii() for char in plain):
        raise BadName(field="name")
    if len(scripts) > 1 and not scripts <= _EAST_ASIA | {"LATIN"}:
        raise BadName(field="name")
    return plain


def _is_of_names(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind in ("Lm", "Nd") or kind in _MARKS or char.isalpha() or char in _SIGNS or char == "〇"


def _is_stacked(text: str) -> bool:
    """Whether marks stand on nothing, or too many on one letter."""
    height = _MOST_MARKS
    for char in text:
        if unicodedata.category(char) in _MARKS:
            height += 1
        else:
            height = _MOST_MARKS if char == " " else 0
        if height > _MOST_MARKS:
            return True
    return False


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split())


def clipped(name: str) -> str:
    """``name`` in its plain form, no longer than one may be: of what is cut off, three dots tell."""
    plain = _plain(name)
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 3].rstrip() + "..."


def is_seen(text: str) -> bool:
    """Whether there is something to see in ``text``, and nothing that is not but joins what is."""
    plain = [char for char in unicodedata.normalize("NFKC", text) if char not in _JOINERS]
    kinds = {unicodedata.category(char) for char in plain}
    hidden = kinds & {"Cc", "Cf", "Cs"} or not _FILLERS.isdisjoint(plain)
    return not hidden and any(kind[0] not in "MZ" for kind in kinds)


def has_seen(text: str) -> bool:
    """Whether there is something to see in ``text``, whatever stands beside it."""
    plain = unicodedata.normalize("NFKC", text)
    return any(unicodedata.category(char)[0] not in "CMZ" and char not in _FILLERS for char in plain)


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """Return what is left of ``name`` at a glance; equal for names that look alike."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).translate(_CAPITALS).casefold())
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)
    looks = "".join(_latin(char) for char in _spelt(digits.translate(_TABLE)))
    for pair, letter in _PAIRS:
        looks = looks.replace(pair, letter)
    return looks


def _spelt(text: str) -> str:
    """Letters, digits and the marks that spell; of a mark twice in a row, drawn over itself, the first."""
    kept, script = [""], ""
    for char in text:
        if char in _DASHES and script == "LATIN":
            continue
        if char.isalnum():
            kept.append(char)
            script = _script(char)
        elif unicodedata.category(char) in _MARKS and char != kept[-1] and _spells(char, script):
            kept.append(char)
    return "".join(kept)


def _spells(mark: str, script: str) -> bool:
    """Whether ``mark`` is part of how a word is written, on a letter of ``script``: a mark of that script."""
    if mark in _VOICING:
        return script in _KANA
    own = unicodedata.name(mark, "").partition(" ")[0]
    return own == script and script not in _WITHOUT_MARKS and mark not in _OPTIONAL_MARKS


def _script(char: str) -> str:
    """The script of a letter, a mark, or a digit that is not ASCII's, by its name in Unicode; else empty.

    Empty as well for what any script has: accents, signs beside letters.
    """
    written = unicodedata.category(char) in _MARKS or (char.isalpha() and ord(char) not in _MODIFIERS)
    if not written and (char.isascii() or not char.isdecimal()):
        return ""
    word = re.split("[ -]", unicodedata.name(char, "NAMELESS").removeprefix("EXTENDED "))[0]
    return _SCRIPTS.get(word, word)


def _latin(char: str) -> str:
    """The plain letter that a Latin one is named after."""
    named = None if char.isascii() else _NAMED_AFTER.fullmatch(unicodedata.name(char, ""))
    return named[1].casefold().translate(_TABLE) if named else char


def alike(name: str, other: str) -> bool:
    """Whether two names look alike, as they are borne on a stage."""
    return skeleton(clipped(name)) == skeleton(clipped(other))


def need_distinct(name: str, others: Iterable[str]) -> None:
    """Raise NameTaken when ``name`` looks like one of ``others``."""
    if any(alike(name, other) for other in others):
        raise NameTaken(field="name")
