"""Writes src/ecosystems/python/fixtures/pep440.txt: what Python's own `packaging` says of version texts.

Run with a Python that has `packaging`:  python3 scripts/gen-vectors-pep440.py
First all texts: `text = normal form` or `text !` if it is no version; then `a < b`, `a = b` or `a > b`.
"""

import pathlib
import random

from packaging.version import InvalidVersion, Version

random.seed(440)
OUT = pathlib.Path(__file__).parent.parent / "src/ecosystems/python/fixtures/pep440.txt"


def number():
    return random.choice(["", "0", "1", "2", "10", "007", "20240101120000", "9" * 30])


def separator():
    return random.choice(["", ".", "-", "_"])


def release():
    parts = ["0", "1", "2", "10", "01", "2024", "0", str(2**31), str(2**64)]
    return ".".join(random.choice(parts[: random.randint(1, 9)]) for _ in range(random.randint(1, 7)))


def version():
    text = random.choice(["", "", "", "v", "V", " "])
    text += random.choice(["", "", "", "", "0!", "1!", "12!"]) + release()
    if random.random() < 0.4:
        labels = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC", "Alpha"]
        text += separator() + random.choice(labels) + separator() + number()
    if random.random() < 0.3:
        posts = [".post", "-r", "rev", "_post", "POST", "-post."]
        text += random.choice(posts) + number() if random.random() < 0.8 else "-" + (number() or "3")
    if random.random() < 0.3:
        text += separator() + random.choice(["dev", "DEV"]) + separator() + number()
    if random.random() < 0.25:
        locals_ = ["abc", "ubuntu", "1", "01", "5a", "z", "0", "10"]
        text += "+" + "".join(
            (random.choice(".-_") if i else "") + random.choice(locals_) for i in range(random.randint(1, 3))
        )
    if random.random() < 0.05:
        text += random.choice([" ", "x", "+", ".", "!", "-", "..1"])
    return text


ODD = ["", "1.", ".1", "1..2", "a", "1.0+", "1.0+a..b", "1.0-", "1!", "!1", "1.0 1", "1.0.x", "==1.0", "1.0a1b2",
       "1.0post1post2", "1.0dev1a1", "1.0-1-2", "dev", "v", "vv1", "2013b", "0.1dev-r1716", "1.0+ü", "1.0.post-1"]
SMALL = ["1", "1.0", "1.0.0", "1.0.1", "1.1", "0", "0.0", "1.0a", "1.0a0", "1.0a1", "1.0a1.dev1", "1.0a1.post1",
         "1.0b1", "1.0rc1", "1.0c1", "1.0rc1.dev2", "1.0.dev0", "1.0.dev1", "1.0.dev", "1.0.post0", "1.0.post",
         "1.0-0", "1.0.post1.dev0", "1.0.post1.dev1", "1.0.post1", "1.0.post1+x", "1.0+a", "1.0+a.1", "1.0+1",
         "1.0+1.a", "1.0+a.b", "1.0+ab", "1!0.1", "1!1.0", "0!2", "1.0a1.post1.dev1", "1.0a1+l", "1.0.0.0.0.0.1"]


def valid(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


texts = SMALL + ODD + [version() for _ in range(700)]
texts = list(dict.fromkeys(text for text in texts if text.strip() == text or valid(text)))
lines = [f"{t}\t{v}" if (v := valid(t)) else f"{t}\t!" for t in texts]
good = [text for text in texts if valid(text)]
pairs = [(a, b) for a in SMALL for b in SMALL if a < b]
pairs += [(random.choice(good), random.choice(good)) for _ in range(2500)]
for _ in range(1500):  # near each other
    a = random.choice(good)
    b = a.replace(random.choice(a), random.choice("012"), 1)
    if valid(b):
        pairs.append((a, b))
for a, b in pairs:
    x, y = Version(a), Version(b)
    lines.append(f"{a}\t{'<' if x < y else '=' if x == y else '>'}\t{b}")
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text("\n".join(lines) + "\n")
