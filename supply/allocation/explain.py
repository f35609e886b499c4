"""Reasons: for each facility and class what it got, from whom, and what stood in the way of more.

The obstacle named is the first of these that holds for the item it misses most: nobody who can
reach it has anything above reserve and own need; the senders' vehicles are full; the goods come
too late; otherwise the pack or the need of somebody worse off.
"""

from __future__ import annotations

import numpy as np

from supply.allocation.arrays import Bools, Ints, Moves, ProblemArrays
from supply.allocation.instance import CLASSES
from supply.allocation.plan import Reason
from supply.allocation.quotas import flows_of

CLASS_NAMES_VI = ("nguy kịch", "nặng", "nhân viên y tế", "nhẹ")
CLASS_NAMES_EN = ("critical", "severe", "staff", "mild")
VEHICLE_FULL = 0.98
"""Share of a sender's litres over the horizon from which its vehicles count as full."""


def reasons_for(
    problem: ProblemArrays, moves: list[Moves], quotas: list[Ints]
) -> tuple[Reason, ...]:
    """One reason per facility and class with any need."""
    needed = np.array([item.demand.sum(axis=2) for item in problem.items])
    served = np.array([given.sum(axis=2) for given in quotas])
    received = _received(problem, moves)
    spare, full = _spare(problem, moves, quotas), _full_senders(problem, moves)
    rows = []
    for c, f in np.argwhere(needed.sum(axis=0).T > 0).tolist():
        total, got = int(needed[:, f, c].sum()), int(served[:, f, c].sum())
        missing = needed[:, f, c] - served[:, f, c]
        worst = int(missing.argmax())
        what_vi, what_en = f"được {got}/{total}", f"gets {got} of {total}"
        if received[f]:
            what_vi += f", trong đó nhận chuyển đến từ {received[f]} nơi"
            what_en += f", with transfers from {received[f]} place(s)"
        if missing.sum() == 0:
            end_vi, end_en = "đủ nhu cầu", "need is met"
        else:
            name, short = problem.item_ids[worst], int(missing[worst])
            why_vi, why_en = _obstacle(problem, f, worst, spare, full)
            end_vi = f"thiếu nhiều nhất {name} ({short}): {why_vi}"
            end_en = f"misses most of {name} ({short}): {why_en}"
        rows.append(
            Reason(
                problem.facility_ids[f],
                CLASSES[c],
                f"Nhóm {CLASS_NAMES_VI[c]}: {what_vi}; {end_vi}.",
                f"Class {CLASS_NAMES_EN[c]}: {what_en}; {end_en}.",
            )
        )
    return tuple(rows)


def _received(problem: ProblemArrays, moves: list[Moves]) -> list[int]:
    """(F,) number of places each facility receives anything from."""
    network = problem.network
    arcs = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(m.arc for m in moves)]))
    pairs = network.destination[arcs.astype(np.int64)]
    return np.bincount(pairs, minlength=network.n_facilities).tolist()


def _spare(problem: ProblemArrays, moves: list[Moves], quotas: list[Ints]) -> Ints:
    """(K, F) unexpired units above the reserve that are still there after the last day."""
    rows = []
    for item, moved, given in zip(problem.items, moves, quotas, strict=True):
        flows = flows_of(item, problem.network, moved)
        keeps = item.expiry_day >= problem.network.n_days
        stock = flows.before_dispatch + flows.after_dispatch - flows.out
        rows.append(stock[:, keeps].sum(axis=(1, 2)) - given.sum(axis=(1, 2)) - item.reserve)
    return np.array(rows)


def _full_senders(problem: ProblemArrays, moves: list[Moves]) -> Bools:
    """(F,) senders whose vehicles are used up over the horizon."""
    network = problem.network
    load = np.zeros(network.n_facilities)
    for item, moved in zip(problem.items, moves, strict=True):
        np.add.at(load, network.origin[moved.arc], moved.quantity * item.litres_per_unit)
    room = network.vehicle_litres.sum(axis=1)
    return np.isfinite(room) & (load >= VEHICLE_FULL * room)


def _obstacle(
    problem: ProblemArrays, facility: int, k: int, spare: Ints, full: Bools
) -> tuple[str, str]:
    network, item = problem.network, problem.items[k]
    arcs = np.flatnonzero(network.destination == facility)
    if len(arcs) == 0:
        return "không có tuyến chuyển đến", "no way leads here"
    senders = network.origin[arcs]
    able = spare[k, senders] >= item.pack_size
    if not able.any():
        return (
            "các nơi chuyển được đều không còn hàng vượt dự trữ",
            "nobody who can send has anything left above reserve",
        )
    if full[senders[able]].all():
        names = ", ".join(problem.facility_ids[f] for f in senders[able][:3])
        return f"xe của {names} đã chở hết tải", f"the vehicles of {names} are full"
    return (
        "hàng đến không kịp ngày cần, hoặc phần còn lại nhỏ hơn một hộp",
        "what is left comes too late or is less than a pack",
    )
