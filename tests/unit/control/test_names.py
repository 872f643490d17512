"""Names: normalised, of a sensible length, and nobody passes for somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.control.names import BadName, NameTaken, need_distinct, normalised, skeleton


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("  Nora   Lind ", "Nora Lind"),
        ("Ｎｏｒａ", "Nora"),
        ("Zoë", "Zoë"),
        ("李雷", "李雷"),
        ("李雷 Lei", "李雷 Lei"),
        ("さくら・ミドリ 3", "さくら・ミドリ 3"),
        ("Łukasz Żółw", "Łukasz Żółw"),
        ("Ольга 2", "Ольга 2"),
        ("علي ٢", "علي ٢"),
        ("ᎠᏂᏔ", "ᎠᏂᏔ"),
        ("Kaʻiulani", "Kaʻiulani"),
        ("William “Bill” O’Hara-Smith, J.", "William “Bill” O’Hara-Smith, J."),
        ("བསྟན་འཛིན", "བསྟན་འཛིན"),
        ("佐々木 ジョージ・ベル", "佐々木 ジョージ・ベル"),
        ("みすゞ", "みすゞ"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("Əli Vəliyev", "Əli Vəliyev"),
        ("Ŋaama Ɖoɖo Ɣaʋɔ", "Ŋaama Ɖoɖo Ɣaʋɔ"),
        ("Ʊkɔ Ɩba Ʒiõu", "Ʊkɔ Ɩba Ʒiõu"),
        ("ǃGaroë", "ǃGaroë"),
        ("Gʻulom Əʼ", "Gʻulom Əʼ"),
        ("มาๆ", "มาๆ"),
        ("محمـد", "محمـد"),
    ],
)
def test_a_name_is_put_into_its_plain_form(given_name: str, name: str) -> None:
    assert normalised(given_name) == name


@pytest.mark.parametrize(
    "given_name",
    [
        "",
        " ",
        "A",
        "1234",
        "...",
        "x" * 41,
        "No\u200bra",
        "No\u202era",
        "a\u0000b",
        "\ud800x",
        "Ana Ruiz\u3164",
        "\u3164\u3164",
        "\uffa0Ana",
        "Ana\u115f",
        "🅰lice",
        "◯lga",
        "⋁era",
        "₥ia",
        "Gina ✓",
        "Al!ce",
        "\u0301Ana",
        "Ana" + "\u0323" * 6,
        "𐐕𐐬𐐽𐐬",  # Deseret
        "𐊠𐊪𐊠",  # Carian
        "ⵔⵜⵔ",  # Tifinagh
        "𐓂𐓪",  # Osage
        "𗀀𗀁",  # Tangut, whose letters Unicode gives no names
        "Ada Byron𗀀",
        "Ada Byronꓸ",  # a tone of Lisu
        "Ada Byronـ",
        "Ada 𖭀Byron",  # Pahawh Hmong
        "Ada ⸯByron",
        "Adaꜗ",
        "Adaꞏ Byron",
        "B\u0d02b",  # a mark of Malayalam that looks like an o
        "Sꞟe",  # of Volapük
        "ꜩoe",  # of medieval manuscripts
    ],
)
def test_what_is_no_name_is_refused(given_name: str) -> None:
    with pytest.raises(BadName):
        normalised(given_name)


@pytest.mark.parametrize(
    "mixed",
    ["Ꭺlice", "ꓮlice", "ꓠora", "Ⲛora", "ᑎora", "Nоra", "Νora", "Anna Анна", "Nора", "N٥ra", "Noгa", "Aʟiсe"],
)
def test_a_name_of_more_than_one_alphabet_is_refused(mixed: str) -> None:
    with pytest.raises(BadName):
        normalised(mixed)


@pytest.mark.parametrize(
    ("look_alike", "name"),
    [
        ("ᎪᏞᎥᏟᎬ", "Alice"),  # Cherokee
        ("ꓮꓡꓲꓚꓰ", "Alice"),  # Lisu
        ("ᏦᏆᎷ", "Kim"),
        ("ഠഠ", "Oo"),  # Malayalam
        ("ဝဝ", "Oo"),  # Myanmar
        ("3va", "Eva"),
        ("4na", "Ana"),
        ("6us", "Gus"),
        ("7im", "Tim"),
        ("二コ", "ニコ"),
        ("エ藤", "工藤"),
        ("べス", "ベス"),  # hiragana and katakana
        ("علی", "علي"),
        ("كمال", "کمال"),
        ("ⲎⲞⲚ", "Hon"),  # Coptic
        ("ᗩᗰᗪ", "Amd"),  # Canadian syllabics
        ("Ꭺlice", "Alice"),  # an account's own name, which is not normalised
        ("ᴀʟɪᴄᴇ", "Alice"),
        ("Aʟice", "Alice"),
        ("Ɛlon", "Elon"),
        ("ŁukaƨƵ", "Lukasz"),
        ("Ɓob", "Bob"),
        ("5am", "Sam"),
        ("$am", "Sam"),
        ("Nᄋra", "Nora"),
        ("Ægir", "Aegir"),
        ("Тарас", "Tapac"),  # Cyrillic
        ("Aǀice", "Alice"),
        ("Oʼbrien", "O'Brien"),
        ("Ana Ruizꞌ", "Ana Ruiz"),
        ("Ana Ruizǃ", "Ana Ruiz"),
        ("Ada Ꞵyron", "Ada Byron"),
        ("Ada Bɣron", "Ada Byron"),
        ("Ada Byꭇon", "Ada Byron"),
        ("Ꭓavi", "Xavi"),
        ("Sʋe", "Sue"),
        ("ƅlake", "Blake"),
        ("Ɯendy", "Wendy"),
        ("Lena Ʒva", "Lena Eva"),
        ("Əva", "Eva"),
        ("AdaーByron", "Ada-Byron"),
        ("محمـد", "محمد"),
        ("ꓡꓲꓢꓴꓸ", "ꓡꓲꓢꓴ"),
        ("Աննաՙ", "Աննա"),
    ],
)
def test_a_look_alike_in_letters_of_another_kind_is_one(look_alike: str, name: str) -> None:
    with pytest.raises(NameTaken):
        need_distinct(look_alike, [name])


@pytest.mark.parametrize(
    "look_alike",
    [
        "Nora Lind",
        "nora lind",
        "NoraLind",
        "N.ora-Lind",
        "Νora Lind",  # Greek capital nu
        "Nоra Lind",  # Cyrillic o
        "N0ra L1nd",
        "Nora Iind".replace("Ii", "Li"),
        "Nоrа Lіnd",  # three Cyrillic letters
        "Ｎｏｒａ　Ｌｉｎｄ",
        "Nòra Línd",
        "𝐍𝐨𝐫𝐚 𝐋𝐢𝐧𝐝",
    ],
)
def test_a_look_alike_of_somebody_on_stage_is_refused(look_alike: str) -> None:
    with pytest.raises(NameTaken):
        need_distinct(look_alike, ["Sam", "Nora Lind"])


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("राम", "रीमा"),
        ("रोहन", "राहुन"),
        ("সুমন", "সোমেন"),
        ("மீனா", "மான"),
        ("สมชาย", "สุมชาย"),
        ("ປ່ານ", "ປານ"),
        ("មករា", "មករី"),
        ("たかだ", "たかた"),
        ("パク", "ハク"),
        ("އަލީ", "އިލީ"),
    ],
)
def test_vowels_and_voicing_that_are_written_as_marks_tell_names_apart(name: str, other: str) -> None:
    assert normalised(name) == name
    need_distinct(other, [name])
    need_distinct(name, [other])


@pytest.mark.parametrize(
    ("look_alike", "name"),
    [
        ("Но\u0301ра", "Нора"),
        ("Γιώργος", "Γιωργος"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("ज़ारा", "जारा"),
        ("आँचल", "आंचल"),
        ("राम\u0302", "राम"),
        ("रा.म", "राम"),
        ("สุ\u0e38มชาย", "สุมชาย"),  # the same vowel twice, one over the other
        ("たかた\u309b", "たかだ"),  # with a voicing that stands beside its letter
        ("Nor\u0e38a", "Nora"),
        ("Nora\u093e", "Nora"),
        ("Ꭺ\u0301lice", "Alice"),
    ],
)
def test_marks_that_are_left_out_as_often_as_not_or_stand_on_foreign_letters_tell_nobody_apart(
    look_alike: str, name: str
) -> None:
    with pytest.raises(NameTaken):
        need_distinct(look_alike, [name])


@pytest.mark.parametrize("other", ["Nora Lund", "Nora", "Lind", "Dora Lind", "Norah Lind"])
def test_another_name_is_let_through(other: str) -> None:
    need_distinct(other, ["Nora Lind"])


def test_pairs_of_letters_that_look_like_one_are_that_one() -> None:
    assert skeleton("Samrny") == skeleton("Sammy")
    assert skeleton("Ovven") == skeleton("Owen")


@given(st.text(max_size=60))
def test_no_text_breaks_them_and_a_plain_name_stays_as_it_is(text: str) -> None:
    skeleton(text)
    try:
        name = normalised(text)
    except BadName:
        return
    assert 2 <= len(name) <= 40
    assert normalised(name) == name
    assert skeleton(name) == skeleton(text)
