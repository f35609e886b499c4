"""Made-up ledgers on a real census: hidden norms, lumpy issues, stock-outs, losses. For proof only.

A district's patients follow a real hospital census; each facility has its share of them. What it
really uses differs from the norm by hidden factors (item, facility, mix of patients), varies from day
to day, is fetched from the store in lumps and in whole packs, and is not to be had while the store is
empty. Losses leave the store without being use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supply.forecast.cases import BoolArray, FloatArray


@dataclass(frozen=True)
class Habits:
    """How a made-up district behaves; relative sd of hidden factors, probabilities, days."""

    facilities: int = 12
    items: int = 30
    off_norm: float = 0.5
    between: float = 0.3
    mix: float = 0.2
    daily_cv: float = 0.5
    skipped_issue: float = 0.03
    supply_days: int = 30
    short_supply: float = 0.35
    lost_share: float = 0.02
    peak_patients: float = 300.0


@dataclass(frozen=True)
class Ledger:
    """`patients[f, tier, day]`; `norm[i, tier]` and the hidden `true_rate[f, i, tier]`, base units per
    patient-day; `issued` what left the store for use, `wanted` what would have with stock enough,
    `empty` where the store closed without stock, all [f, i, day]."""

    patients: FloatArray
    norm: FloatArray
    true_rate: FloatArray
    issued: FloatArray
    wanted: FloatArray
    empty: BoolArray

    def expected(self) -> FloatArray:
        """[f, i, day]: use by the norm."""
        return np.einsum("it,ftd->fid", self.norm, self.patients)


def make_ledger(census: FloatArray, habits: Habits, rng: np.random.Generator) -> Ledger:
    """A ledger over the days of `census[tier, day]`, which is scaled to the district's size."""
    patients = _patients(census, habits, rng)
    norm, rate, pack = _norms(census.shape[0], habits, rng)
    mean = np.einsum("fit,ftd->fid", rate, patients)
    shape = 1.0 / habits.daily_cv**2
    used = rng.poisson(mean * rng.gamma(shape, 1.0 / shape, mean.shape)).astype(np.float64)
    wanted = _in_lumps(used, pack, habits, rng)
    issued, empty = _from_store(wanted, habits, rng)
    return Ledger(patients, norm, rate, issued, wanted, empty)


def _patients(census: FloatArray, habits: Habits, rng: np.random.Generator) -> FloatArray:
    """[f, tier, day]: each facility's patients, whole numbers near its share of the census."""
    share = rng.dirichlet(np.full(habits.facilities, 2.0), census.shape[0]).T
    scale = habits.peak_patients / max(float(census.sum(axis=0).max()), 1.0)
    mean = share[:, :, None] * census[None] * scale
    return np.floor(mean + rng.random((*mean.shape[:2], 1)))


def _norms(
    tiers: int, habits: Habits, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The norm [i, tier], the hidden rate [f, i, tier], and units in a pack [i]."""

    def factor(sd: float, *size: int) -> FloatArray:
        return np.exp(rng.normal(-0.5 * sd**2, sd, size))

    heavier = np.linspace(1.0, 3.0, tiers)
    norm = np.exp(rng.uniform(np.log(0.05), np.log(20.0), (habits.items, 1))) * heavier[None]
    norm = norm * factor(0.3, *norm.shape)
    rate = (
        norm[None]
        * factor(habits.off_norm, 1, habits.items, 1)
        * factor(habits.between, habits.facilities, habits.items, 1)
        * factor(habits.mix, habits.facilities, habits.items, tiers)
    )
    pack = rng.choice([1.0, 5.0, 10.0, 50.0], habits.items)
    return norm, rate, np.minimum(pack, np.maximum(1.0, np.round(norm.mean(axis=1) * 20)))


def _in_lumps(
    used: FloatArray, pack: FloatArray, habits: Habits, rng: np.random.Generator
) -> FloatArray:
    """[f, i, day]: what wards ask for, once or several times a week, in whole packs: what they used
    since the last time, less what is left of the packs they opened."""
    facilities, items, days = used.shape
    every = rng.choice([1, 2, 3, 7, 7, 14], (facilities, items))
    first = rng.integers(0, 14, (facilities, items))
    owed = np.zeros((facilities, items))
    wanted = np.zeros_like(used)
    for day in range(days):
        owed += used[..., day]
        asks = (first + day) % every == 0
        asks &= rng.random((facilities, items)) >= habits.skipped_issue
        take = np.where(asks & (owed > 0), np.ceil(owed / pack) * pack, 0.0)
        wanted[..., day] = take
        owed -= take
    return wanted


def _from_store(
    wanted: FloatArray, habits: Habits, rng: np.random.Generator
) -> tuple[FloatArray, BoolArray]:
    """Issued [f, i, day] and closed empty [f, i, day]: supplies come monthly and are at times short.
    What the store did not have is got elsewhere and never asked for again."""
    facilities, items, days = wanted.shape
    arrives = rng.integers(0, habits.supply_days, (facilities, items))
    ahead = np.lib.stride_tricks.sliding_window_view(
        np.pad(wanted, ((0, 0), (0, 0), (0, habits.supply_days - 1)), mode="edge"),
        habits.supply_days,
        axis=2,
    ).sum(axis=-1)
    stock = ahead[..., 0] + 1.0
    issued, empty = np.zeros_like(wanted), np.zeros(wanted.shape, dtype=bool)
    for day in range(days):
        due = (day + arrives) % habits.supply_days == 0
        short = rng.random((facilities, items)) < habits.short_supply
        part = np.where(short, rng.uniform(0.2, 0.9, (facilities, items)), 1.4)
        stock += np.where(
            due, np.maximum(np.ceil(part * (ahead[..., day] + 1.0)) - stock, 0.0), 0.0
        )
        lost = rng.random((facilities, items)) < 0.02
        stock -= np.where(lost, np.floor(habits.lost_share / 0.02 * 0.3 * stock), 0.0)
        issued[..., day] = np.minimum(wanted[..., day], stock)
        stock -= issued[..., day]
        empty[..., day] = stock <= 0
    return issued, empty
