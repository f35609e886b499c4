"""Sums in words: the rules, a fixed table the oracle wrote, and the oracle itself where node is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.paper.words import AMOUNT_VND_MAX, amount_in_english, amount_in_words

TOOLS = Path(__file__).resolve().parents[2] / "tools"
TABLE = Path(__file__).with_name("words.tsv")
ORACLE = Path(sys.prefix) / "oracle"
Oracle = Callable[[list[int]], list[str]]


def as_we_write(words: str) -> str:
    """The oracle's words with our capital and our spelling of the billion ("tỷ", not "tỉ")."""
    return (words[0].upper() + words[1:]).replace("tỉ", "tỷ")


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    """`read-vietnamese-number` in node, put beside the environment the first time."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs node and npm for the oracle read-vietnamese-number")
    ORACLE.mkdir(exist_ok=True)
    for name in ("package.json", "read_numbers.mjs"):
        shutil.copy(TOOLS / name, ORACLE / name)
    if not (ORACLE / "node_modules" / "read-vietnamese-number").exists():
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        made = subprocess.run(
            command, cwd=ORACLE, capture_output=True, text=True, timeout=120, check=False
        )
        if made.returncode:
            pytest.skip(f"npm cannot bring the oracle read-vietnamese-number: {made.stderr[-200:]}")
    with subprocess.Popen(
        ["node", "read_numbers.mjs"],
        cwd=ORACLE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as node:
        assert node.stdin
        assert node.stdout
        to_node, from_node = node.stdin, node.stdout

        def ask(numbers: list[int]) -> list[str]:
            answers = []
            for number in numbers:
                to_node.write(f"{number}\n")
                to_node.flush()
                answers.append(from_node.readline().strip())
            return answers

        yield ask


amounts = st.one_of(
    st.integers(0, 2000),
    st.integers(0, AMOUNT_VND_MAX),
    # Numbers with empty groups, where the words are hardest.
    st.lists(
        st.sampled_from([0, 1, 4, 5, 10, 15, 21, 100, 105, 114, 999]), min_size=1, max_size=6
    ).map(lambda groups: sum(g * 1000**n for n, g in enumerate(groups))),
    st.integers(0, 18).map(lambda power: 10**power),
)


@settings(max_examples=600, deadline=None)
@given(amount=amounts)
def test_the_oracle_reads_every_sum_as_we_write_it(oracle: Oracle, amount: int) -> None:
    assert amount_in_words(amount) == as_we_write(oracle([amount])[0])


def test_the_oracle_agrees_on_every_sum_below_ten_thousand(oracle: Oracle) -> None:
    numbers = list(range(10_000))
    assert [amount_in_words(n) for n in numbers] == [as_we_write(w) for w in oracle(numbers)]


def test_the_fixed_table_holds() -> None:
    pairs = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    assert len(pairs) > 300
    assert [amount_in_words(int(n)) for n, _ in pairs] == [as_we_write(words) for _, words in pairs]


@pytest.mark.parametrize(
    ("amount", "vietnamese", "english"),
    [
        (0, "Không đồng", "Zero dong"),
        (1015, "Một nghìn không trăm mười lăm đồng", "One thousand and fifteen dong"),
        (
            24_000_005_021,
            "Hai mươi tư tỷ không trăm lẻ năm nghìn không trăm hai mươi mốt đồng",
            "Twenty-four billion five thousand and twenty-one dong",
        ),
        (10**18, "Một tỷ tỷ đồng", "One quintillion dong"),
    ],
)
def test_worked_examples(amount: int, vietnamese: str, english: str) -> None:
    assert amount_in_words(amount) == vietnamese
    assert amount_in_english(amount) == english


@pytest.mark.parametrize("amount", [-1, -1015, AMOUNT_VND_MAX + 1])
def test_what_no_voucher_can_state_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 10"):
        amount_in_words(amount)
    with pytest.raises(ValueError, match="from 0 to 10"):
        amount_in_english(amount)


_SMALL = {
    w: n
    for n, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    w: 10 * n
    for n, w in enumerate(
        ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    )
}
_SCALES = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "quadrillion": 10**15,
    "quintillion": 10**18,
}


def read_back(words: str) -> int:
    """The number that English words say."""
    total = group = 0
    for word in words.lower().removesuffix(" dong").replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in _SCALES:
            total, group = total + group * _SCALES[word], 0
        elif word != "and":
            group += _SMALL[word] if word in _SMALL else _TENS[word]
    return total + group


@given(amount=amounts)
def test_english_words_read_back_to_the_same_sum(amount: int) -> None:
    assert read_back(amount_in_english(amount)) == amount
