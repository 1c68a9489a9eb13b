#!/usr/bin/env python3
"""Writes training/texts/pii_lists.tsv: names, towns, street words and ordinary words by language.

    pip install faker==40.54.0 pyspellchecker==0.9.1 && python3 training/pii_lists.py

Both packages are under the MIT licence. Training reads the written file only, so this runs when the lists should change.
"""

import gzip
import importlib
import json
import re
from pathlib import Path

OUT = Path(__file__).resolve().parent / "texts" / "pii_lists.tsv"
# Group -> locales of Faker. A group has the names and towns that go together.
GROUPS = {
    "en": "en_US en_GB en_IE en_NZ", "in": "en_IN en_PK", "af": "en_NG en_KE ha_NG ig_NG yo_NG zu_ZA tw_GH sw", "de": "de_DE de_AT de_CH",
    "fr": "fr_FR fr_CA fr_CH", "es": "es_ES es_MX es_AR es_CO es_CL", "pt": "pt_BR pt_PT", "it": "it_IT", "nl": "nl_NL nl_BE",
    "sv": "sv_SE", "no": "no_NO", "da": "da_DK", "fi": "fi_FI", "pl": "pl_PL", "cs": "cs_CZ sk_SK", "hu": "hu_HU", "hr": "hr_HR sl_SI",
    "ro": "ro_RO", "tr": "tr_TR az_AZ uz_UZ", "vi": "vi_VN", "id": "id_ID", "et": "et_EE lt_LT lv_LV", "is": "is_IS", "hi": "hi_IN", "ko": "ko_KR",
}
MOST_NAMES = 700
MOST_PLACES = 250
MOST_WORDS = 7000
# What the packages lack: names as they are spelled in Latin letters.
OWN = {
    ("first", "ar"): "Mohammed Ahmed Fatima Aisha Omar Ali Hassan Hussein Khalid Layla Leila Mariam Nour Yasmin Zainab Karim Samir Tariq Rania Salma Youssef "
    "Ibrahim Mustafa Abdul Bilal Hamza Imran Jamal Nabil Rashid Said Walid Amina Dina Farida Hala Huda Iman Jamila Khadija Latifa Nadia Rana Reem Samira "
    "Mamdouh Munir Qasim Sami Zuhair Bushra Wafa Ghada Hakeem Nasser",
    ("last", "ar"): "Haddad Khoury Mansour Nasser Saleh Hamdan Najjar Sayegh Shadid Awad Bishara Darwish Farouk Ghanem Hariri Issa Jabbour Kassab Maalouf "
    "Naifeh Qureshi Rahman Sabbagh Tahan Touma Wahab Zaman Halabi Mustafa Karimi Rostami Hosseini Ahmadi Tehrani Moradi",
    ("first", "ru"): "Ivan Dmitri Sergei Alexei Nikolai Mikhail Vladimir Boris Igor Oleg Pavel Yuri Viktor Anton Maxim Ruslan Timur Aslan Zelim Mstislav "
    "Olga Natalia Svetlana Irina Tatiana Elena Ekaterina Anastasia Ludmila Galina Vera Nina Larisa Oksana Yulia Daria Faina Raisa Zinaida Efimiya Asya Roza",
    ("last", "ru"): "Ivanov Petrova Smirnov Kuznetsov Popov Sokolova Lebedev Kozlov Novikova Morozov Volkov Solovyov Vasiliev Zaitsev Pavlova Semenov "
    "Golubev Vinogradov Bogdanov Vorobyova Fedorov Mikhailov Belyaev Tarasova Belov Komarov Orlova Kiselev Makarov Andreeva Dudayev Kadyrov Basayev "
    "Yandarbiyev Zakayev Gelayev Umarov Sadulayev Tsurikov Shevchenko Bondarenko Kovalenko Tkachuk Melnyk Savchenko Lysenko",
    ("first", "zh"): "Wei Fang Min Jing Li Qiang Lei Jun Yang Yong Yan Jie Juan Tao Ming Chao Xiulan Xia Ping Gang Hui Ling Mei Xin Hao Yu Jian Bo Cheng "
    "Xiaoming Zhen Shu Ying Fen Guang Da Heng Kai Lan Long Ning Peng Rong Shan Ting Xue Ya Zhi",
    ("last", "zh"): "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Song Tang Han Feng Deng Cao Peng "
    "Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Shen Kao Hsu Tsai Hsieh Leung Chan Wong Cheung Kwok",
    ("first", "ja"): "Haruto Yuto Sota Yuki Hayato Haruki Ryota Kenji Hiroshi Takashi Makoto Kazuki Daisuke Satoshi Akira Sakura Yui Aoi Hina Rin Akari "
    "Mio Emi Keiko Yoko Naoko Tomoko Asuka Tomomi Toshimi Michiko Hanako Megumi Ayaka Kaori Mariko Shinji Tatsuya",
    ("last", "ja"): "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Yamaguchi Matsumoto Inoue Kimura "
    "Hayashi Shimizu Saito Mori Ikeda Hashimoto Ishikawa Ogawa Goto Okada Hasegawa Fujita Maeda Nishiyama Arata Kawano Honda Sakamoto Endo Aoki",
    ("last", "pl"): "Nowak Kowalski Wiśniewska Wójcik Kowalczyk Kamińska Lewandowski Zielińska Szymański Woźniak Dąbrowska Kozłowski Jankowska Mazur "
    "Kwiatkowski Krawczyk Kaczmarek Piotrowska Grabowski Zając Pawłowska Michalski Król Wieczorek Jabłońska Wróbel Nowakowski Majewska Olszewski "
    "Stępień Malinowska Jaworski Adamczyk Dudek Nowicka Pawlak Górski Witkowska Walczak Sikora Baran Rutkowska Michalak Szewczyk Ostrowski Tomaszewska "
    "Pietrzak Zalewska Wróblewski Marciniak Jasiński Zawadzka Bąk Sadowski Duda Chmielewski Szczepański Czarnecki Sawicki Sokołowski",
    ("street", "all"): "street st road rd avenue ave lane ln drive dr boulevard blvd court ct square sq terrace close crescent parkway pkwy highway hwy "
    "way place pl alley apartment apt suite flat unit floor calle c avenida avda av paseo plaza camino carrera ronda pasaje callejón colonia col "
    "piso puerta straße strasse str weg gasse allee platz ring ufer damm chaussee postfach hausnummer rue chemin impasse allée quai cours place bis "
    "faubourg route rua travessa alameda praça largo estrada rodovia apto andar bairro lote quadra cep via viale piazza corso strada laan straat gracht "
    "plein gata gatan vägen gade vej vejen veien katu tie polku ulica ul aleja ulice utca ut út u trg cesta str strada jalan jl sokak cadde box pobox "
    "रोड मार्ग नगर सेक्टर गली मकान फ्लैट कॉलोनी मोहल्ला चौक gali nagar marg sector colony",
}


def provider(kind: str, locale: str):
    try:
        return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
    except ModuleNotFoundError:
        return None


def listed(cls, pattern: str) -> set[str]:
    """All words of the class's lists whose name fits."""
    words: set[str] = set()
    for name in dir(cls) if cls else []:
        if re.fullmatch(pattern, name) and isinstance(getattr(cls, name), (tuple, list, dict)):
            words |= {word.strip() for word in getattr(cls, name) if isinstance(word, str)}
    return {word for word in words if 0 < len(word) < 30 and "{" not in word and "%" not in word and "#" not in word}


def sample(words: set[str], most: int) -> list[str]:
    """Evenly spaced in the alphabet, so that a rerun gives the same."""
    words = sorted(words)
    return words if len(words) <= most else [words[i * len(words) // most] for i in range(most)]


def frequent(language: str) -> list[str]:
    package = Path(importlib.import_module("spellchecker").__file__).parent
    counts = json.loads(gzip.decompress((package / "resources" / f"{language}.json.gz").read_bytes()))
    return sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]


def main() -> None:
    rows: dict[tuple[str, str], list[str]] = {}
    for group, locales in GROUPS.items():
        people = [provider("person", locale) for locale in locales.split()]
        towns = [provider("address", locale) for locale in locales.split()]
        union = lambda classes, pattern: set().union(*(listed(cls, pattern) for cls in classes))
        rows["first", group] = sample(union(people, r"first_names?(_male|_female|_nonbinary)?(_est|_rus)?"), MOST_NAMES)
        rows["last", group] = sample(union(people, r"last_names?(_.*)?"), MOST_NAMES)
        rows["place", group] = sample(union(towns, r"cit(y|ies)|real_city_names|countries|states|counties|provinces|towns|regions"), MOST_PLACES)
        rows["road", group] = sample(union(towns, r"streets?|street_names|road_names|places|frequent_street_names|plant_street_names"), MOST_PLACES)
        rows["suffix", group] = sample(union(towns, r"street_suffixes(_long)?"), 60)
    for (kind, group), words in OWN.items():
        rows[kind, group] = sorted(set(rows.get((kind, group), [])) | set(words.split()))
    for language in ["en", "es", "de", "fr", "pt"]:
        rows["common", language] = frequent(language)
    lines = [f"{kind}\t{group}\t{';'.join(word.replace(';', '') for word in words)}\n" for (kind, group), words in rows.items() if words]
    OUT.write_text("".join(lines), encoding="utf-8")
    print(f"{OUT.name}: {sum(map(len, rows.values())):,} words, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
