"""The linear programme of one item, built from arrays; ``join`` stacks items over the vehicles.

Variables, in units: ``y`` shipped (arc, group, day), ``e`` left at the end of the day and ``w``
used (facility, group, day), ``d`` served (facility, class, day), ``short`` of a pin. A *group* is
lots of one expiry day; lots that cannot expire within reach are one group, which changes nothing.

    balance   e_t + w_t + Σ y out − Σ y in − e_{t−1} = supply_t
    use       Σ_g w = Σ_c d,   0 ≤ d ≤ demand
    same day  e_t + w_t ≥ y in with lead 0          (what comes in with lead 0 cannot leave)
    reserve   Σ_g (e_t + w_t − y in with lead 0) ≥ ρ          on allowed dispatch days, or left out
    vehicles  Σ litres · y out ≤ capacity                     (rows over items: ``join``)

The reserve rule is "only on days of dispatch", which no linear row can say. ``dispatch_days`` None
leaves the rule out, but for senders that cannot keep the reserve even with all the supply there is:
a relaxation, so its optimum bounds every plan. (Rows ρ · Σ y out ≤ M · stock left with the least
valid M raised that bound by 0.1 % and took five times as long.) With a mask, dispatch is confined
to the mask's days and the reserve holds on all of them: sufficient (``reserves`` chooses the days).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from supply.allocation.arrays import Bools, Floats, Ints, ItemArrays, Network

MOVE_COST = 1e-3
"""Points per unit and (1 + lead day) of a transfer: breaks ties, never outweighs need."""

WAIT_COST = 1e-2
"""Points per unit and day that a transfer leaves later: of equal plans the early one, whose senders
still hold their reserve, and whose receivers are safe sooner."""

PIN_COST = 1e5
"""Points per unit that stays below a pin's least: the planner's hand goes before need."""


@dataclass(frozen=True)
class Linear:
    """min cost·x, row_lower ≤ matrix·x ≤ row_upper, lower ≤ x ≤ upper."""

    cost: Floats
    lower: Floats
    upper: Floats
    matrix: sparse.csr_matrix | sparse.csc_matrix
    row_lower: Floats
    row_upper: Floats


@dataclass(frozen=True)
class Columns:
    """Where the variables of one kind stand: columns start … start + size, with their keys."""

    start: int
    keys: tuple[Ints, ...]

    @property
    def size(self) -> int:
        """Number of variables of the kind."""
        return len(self.keys[0])

    @property
    def index(self) -> Ints:
        """Their column numbers."""
        return np.arange(self.start, self.start + self.size)

    def of(self, x: Floats) -> Floats:
        """Their values in a solution."""
        return x[self.start : self.start + self.size]


@dataclass(frozen=True)
class ItemModel:
    """One item's programme with the meaning of its columns.

    ``ship`` keys (arc, group, day); ``end`` and ``use`` keys (facility, group, day); ``serve`` keys
    (facility, class, day); ``pin`` keys (arc,). ``group_of_lot``: (L,) group of each lot.
    """

    item: ItemArrays
    linear: Linear
    ship: Columns
    end: Columns
    use: Columns
    serve: Columns
    pin: Columns
    group_of_lot: Ints
    group_expiry: Ints


class _Rows:
    """Sparse rows as they are defined: triplets and their limits."""

    def __init__(self) -> None:
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[Floats] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []
        self.count = 0

    def open(self, lower: Floats, upper: Floats) -> int:
        """Reserve rows with these limits; returns the number of the first."""
        first, self.count = self.count, self.count + len(lower)
        self.lower.append(np.asarray(lower, dtype=np.float64))
        self.upper.append(np.asarray(upper, dtype=np.float64))
        return first

    def put(self, row: Ints, column: Ints, value: float | Floats) -> None:
        """Add coefficients; those of the same place add up."""
        self.row.append(row)
        self.column.append(column)
        self.value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape))

    def matrix(self, n_columns: int) -> sparse.csr_matrix:
        """All rows as one sparse matrix."""
        place = (np.concatenate(self.row), np.concatenate(self.column))
        return sparse.csr_matrix(
            (np.concatenate(self.value), place), shape=(self.count, n_columns), dtype=np.float64
        )


@dataclass(frozen=True)
class _Frame:
    """What the ``define_*`` functions share: groups, where a group can be, and the columns."""

    item: ItemArrays
    network: Network
    group_of_lot: Ints
    group_expiry: Ints
    supply: Ints
    present: Bools
    ship: Columns
    end: Columns
    use: Columns
    serve: Columns
    pin: Columns

    def cell(self, facility: Ints, group: Ints, day: Ints) -> Ints:
        """Flat number of a (facility, group, day)."""
        _, groups, days = self.present.shape
        flat: Ints = (facility * groups + group) * days + day
        return flat


def create_item_model(
    item: ItemArrays,
    network: Network,
    weights: Ints | Floats,
    dispatch_days: Bools | None = None,
    with_pins: bool = True,
) -> ItemModel:
    """The programme of one item; ``weights`` points per unit, (C,) or (F, C) where places differ;
    ``dispatch_days`` (F, T)."""
    frame = define_variables(item, network, with_pins)
    rows = _Rows()
    define_balance(rows, frame)
    define_use(rows, frame)
    define_same_day(rows, frame)
    define_pins(rows, frame, with_pins)
    model = ItemModel(
        item,
        define_objective(rows, frame, weights),
        frame.ship,
        frame.end,
        frame.use,
        frame.serve,
        frame.pin,
        frame.group_of_lot,
        frame.group_expiry,
    )
    if dispatch_days is None:
        return model
    return replace(model, linear=keep_reserves(model, network, model.linear, dispatch_days))


def define_variables(item: ItemArrays, network: Network, with_pins: bool) -> _Frame:
    """Groups of lots, the cells a group can reach, and the columns that can be non-zero."""
    lead_max = int(network.lead_days.max(initial=0))
    keeps = network.n_days + lead_max + item.min_shelf_life_days
    group_expiry, group_of_lot = np.unique(np.minimum(item.expiry_day, keeps), return_inverse=True)
    supply = np.zeros((len(item.reserve), len(group_expiry), network.n_days), dtype=np.int64)
    for lot, group in enumerate(group_of_lot.tolist()):
        supply[:, group] += item.supply[:, lot]
    present = _reachable(supply, group_expiry, network)
    ship = _ship_columns(item, network, group_expiry, present)
    end = tuple(np.nonzero(present))
    needed = item.demand.sum(axis=1) > 0
    use = tuple(np.nonzero(present & needed[:, None, :]))
    serve = tuple(np.nonzero(item.demand))
    pin = (np.flatnonzero(item.pin_min > 0 if with_pins else np.zeros(network.n_arcs, bool)),)
    columns, start = [], 0
    for keys in (ship, end, use, serve, pin):
        columns.append(Columns(start, keys))
        start += len(keys[0])
    return _Frame(item, network, group_of_lot, group_expiry, supply, present, *columns)


def _reachable(supply: Ints, group_expiry: Ints, network: Network) -> Bools:
    """(F, G, T) where stock of a group can be, by supply there or over arcs in time."""
    never = network.n_days + 1
    has = supply > 0
    first = np.where(has.any(axis=2), has.argmax(axis=2), never)
    while True:
        offer = first[network.origin] + network.lead_days[:, None]
        closer = first.copy()
        np.minimum.at(closer, network.destination, offer)
        if (closer == first).all():
            break
        first = closer
    days = np.arange(network.n_days)
    return (days >= first[:, :, None]) & (days <= group_expiry[None, :, None])


def _ship_columns(
    item: ItemArrays, network: Network, group_expiry: Ints, present: Bools
) -> tuple[Ints, ...]:
    """Shipments that can leave, arrive in the horizon with shelf life left, and be of use there."""
    days = np.arange(network.n_days)
    arrival = days[None, :] + network.lead_days[:, None]
    so_far = np.cumsum(item.supply.sum(axis=(0, 1)))
    can_leave = network.runs_for(item.litres_per_unit) & (so_far[None, :] > item.reserve[:, None])
    relays = np.isin(np.arange(network.n_facilities), network.origin)
    of_use = relays | (item.demand.sum(axis=(1, 2)) > 0)
    way = (arrival < network.n_days) & can_leave[network.origin]
    way &= of_use[network.destination][:, None] & (item.pin_max != 0)[:, None]
    fresh = arrival[:, None, :] + item.min_shelf_life_days <= group_expiry[None, :, None]
    return tuple(np.nonzero(present[network.origin] & way[:, None, :] & fresh))


def define_balance(rows: _Rows, frame: _Frame) -> None:
    """Stock is conserved in every cell; what is left on a group's last day is waste."""
    facility, group, day = frame.end.keys
    cells = frame.cell(facility, group, day)
    number = np.full(frame.present.size, -1)
    number[cells] = rows.open(*([frame.supply[facility, group, day].astype(float)] * 2)) + (
        np.arange(len(cells))
    )
    rows.put(number[cells], frame.end.index, 1.0)
    next_day = np.where(day + 1 < frame.network.n_days, number[(cells + 1) % number.size], -1)
    carried = (next_day >= 0) & (day < frame.group_expiry[group])
    rows.put(next_day[carried], frame.end.index[carried], -1.0)
    rows.put(number[frame.cell(*frame.use.keys)], frame.use.index, 1.0)
    arc, group, day = frame.ship.keys
    net = frame.network
    rows.put(number[frame.cell(net.origin[arc], group, day)], frame.ship.index, 1.0)
    arrives = frame.cell(net.destination[arc], group, day + net.lead_days[arc])
    rows.put(number[arrives], frame.ship.index, -1.0)


def define_use(rows: _Rows, frame: _Frame) -> None:
    """What is used of all groups is what the classes are served."""
    facilities, _, days = frame.present.shape
    number = np.full(facilities * days, -1)
    facility, _, day = frame.serve.keys
    needed = np.unique(facility * days + day)
    first = rows.open(np.zeros(len(needed)), np.zeros(len(needed)))
    number[needed] = first + np.arange(len(needed))
    rows.put(number[facility * days + day], frame.serve.index, -1.0)
    facility, _, day = frame.use.keys
    rows.put(number[facility * days + day], frame.use.index, 1.0)


def _lead_zero(frame: _Frame) -> tuple[Ints, Ints]:
    """Columns that arrive on the day they leave, and the cells they arrive in."""
    arc, group, day = frame.ship.keys
    chosen = np.flatnonzero(frame.network.lead_days[arc] == 0)
    cells = frame.cell(frame.network.destination[arc[chosen]], group[chosen], day[chosen])
    return frame.ship.index[chosen], cells


def define_same_day(rows: _Rows, frame: _Frame) -> None:
    """What comes in with lead 0 is still there at the end of the day, or used: it cannot leave."""
    columns, cells = _lead_zero(frame)
    touched = np.unique(cells)
    number = np.full(frame.present.size, -1)
    first = rows.open(np.zeros(len(touched)), np.full(len(touched), np.inf))
    number[touched] = first + np.arange(len(touched))
    rows.put(number[cells], columns, -1.0)
    _put_left(rows, frame, number)


def _put_left(rows: _Rows, frame: _Frame, number: Ints) -> None:
    """e + w of every cell that has a row number."""
    for columns in (frame.end, frame.use):
        row = number[frame.cell(*columns.keys)]
        rows.put(row[row >= 0], columns.index[row >= 0], 1.0)


def define_pins(rows: _Rows, frame: _Frame, with_pins: bool) -> None:
    """Least and most per arc; what stays below the least is counted, not forbidden."""
    if not with_pins:
        return
    arcs = np.flatnonzero((frame.item.pin_min > 0) | (frame.item.pin_max > 0))
    least = frame.item.pin_min[arcs].astype(float)
    most = frame.item.pin_max[arcs].astype(float)
    first = rows.open(least, np.where(most > 0, most, np.inf))
    number = np.full(frame.network.n_arcs, -1)
    number[arcs] = first + np.arange(len(arcs))
    row = number[frame.ship.keys[0]]
    rows.put(row[row >= 0], frame.ship.index[row >= 0], 1.0)
    rows.put(number[frame.pin.keys[0]], frame.pin.index, 1.0)


def define_objective(rows: _Rows, frame: _Frame, weights: Ints | Floats) -> Linear:
    """Serve by weight; then little lead and few units on the road; a missed pin costs most."""
    n_columns = frame.pin.start + frame.pin.size
    cost, upper = np.zeros(n_columns), np.full(n_columns, np.inf)
    arc, _, day = frame.ship.keys
    cost[frame.ship.index] = MOVE_COST * (1 + frame.network.lead_days[arc]) + WAIT_COST * day
    facilities, classes = frame.item.demand.shape[:2]
    points = np.broadcast_to(weights, (facilities, classes))
    cost[frame.serve.index] = -points[frame.serve.keys[:2]]
    upper[frame.serve.index] = frame.item.demand[frame.serve.keys]
    cost[frame.pin.index] = PIN_COST
    row_lower, row_upper = np.concatenate(rows.lower), np.concatenate(rows.upper)
    matrix = rows.matrix(n_columns)
    return Linear(cost, np.zeros(n_columns), upper, matrix, row_lower, row_upper)


def reserve_rows(
    model: ItemModel, network: Network, dispatch_days: Bools
) -> tuple[sparse.csr_matrix, Floats]:
    """(R, columns) units left after dispatch and (R,) the reserves, on these (F, T) days of every
    place that has a reserve and could send."""
    arc, _, day = model.ship.keys
    origin, target = network.origin[arc], network.destination[arc]
    held = np.zeros(dispatch_days.shape, dtype=bool)
    held[origin, day] = True
    held &= dispatch_days & (model.item.reserve > 0)[:, None]
    number = np.full(held.shape, -1)
    number[held] = np.arange(held.sum())
    row, column, value = [], [], []
    for columns in (model.end, model.use):
        facility, _, on = columns.keys
        row.append(number[facility, on])
        column.append(columns.index)
        value.append(np.ones(columns.size))
    same_day = network.lead_days[arc] == 0
    row.append(number[target[same_day], day[same_day]])
    column.append(model.ship.index[same_day])
    value.append(np.full(int(same_day.sum()), -1.0))
    rows = np.concatenate(row)
    place = (rows[rows >= 0], np.concatenate(column)[rows >= 0])
    matrix = sparse.csr_matrix(
        (np.concatenate(value)[rows >= 0], place), (int(held.sum()), len(model.linear.cost))
    )
    return matrix, model.item.reserve[np.nonzero(held)[0]].astype(np.float64)


def send_only_on(model: ItemModel, network: Network, upper: Floats, dispatch_days: Bools) -> Floats:
    """The columns' upper limits (columns,) with nothing sent on other days than these (F, T)."""
    arc, _, day = model.ship.keys
    limited = upper.copy()
    limited[model.ship.index[~dispatch_days[network.origin[arc], day]]] = 0.0
    return limited


def keep_reserves(
    model: ItemModel, network: Network, linear: Linear, dispatch_days: Bools
) -> Linear:
    """The programme that sends on these (F, T) days alone and keeps the reserve on all of them."""
    matrix, reserve = reserve_rows(model, network, dispatch_days)
    held = add_rows(linear, matrix, reserve, np.full(len(reserve), np.inf))
    return replace(held, upper=send_only_on(model, network, held.upper, dispatch_days))


def vehicle_rows(model: ItemModel, network: Network) -> sparse.csr_matrix:
    """(F·T, columns) litres leaving each (sender, day)."""
    arc, _, day = model.ship.keys
    place = network.origin[arc] * network.n_days + day
    litres = np.full(len(place), model.item.litres_per_unit)
    shape = (network.vehicle_litres.size, len(model.linear.cost))
    return sparse.csr_matrix((litres, (place, model.ship.index)), shape=shape)


def add_rows(linear: Linear, matrix: sparse.csr_matrix, lower: Floats, upper: Floats) -> Linear:
    """The programme with further rows."""
    return replace(
        linear,
        matrix=sparse.csr_matrix(sparse.vstack([linear.matrix, matrix], format="csr")),
        row_lower=np.concatenate([linear.row_lower, lower]),
        row_upper=np.concatenate([linear.row_upper, upper]),
    )


def only_columns(linear: Linear, index: Ints) -> Linear:
    """The programme in which all but these columns are 0, without them."""
    return replace(
        linear,
        cost=linear.cost[index],
        lower=linear.lower[index],
        upper=linear.upper[index],
        matrix=sparse.csr_matrix(linear.matrix[:, index]),
    )


def within_room(model: ItemModel, network: Network, room: Floats) -> Linear:
    """The item's programme inside ``room`` (F, T) litres of its own; infinite room binds nothing."""
    if model.item.litres_per_unit == 0 or model.ship.size == 0:
        return model.linear
    litres = vehicle_rows(model, network)
    binds = np.isfinite(room.ravel()) & (np.diff(litres.indptr) > 0)
    upper = np.maximum(room.ravel()[binds], 0.0)
    return add_rows(model.linear, litres[binds], np.full(len(upper), -np.inf), upper)


def join(models: list[ItemModel], network: Network, room: Floats) -> tuple[Linear, Ints]:
    """Items in one programme, coupled by the vehicle rows alone; ``room`` (F, T) litres.

    Returns the programme and the flat (sender, day) of each vehicle row; these rows come last.
    """
    parts = [model.linear for model in models]
    together = Linear(
        cost=np.concatenate([part.cost for part in parts]),
        lower=np.concatenate([part.lower for part in parts]),
        upper=np.concatenate([part.upper for part in parts]),
        matrix=sparse.csr_matrix(sparse.block_diag([part.matrix for part in parts], format="csr")),
        row_lower=np.concatenate([part.row_lower for part in parts]),
        row_upper=np.concatenate([part.row_upper for part in parts]),
    )
    litres = sparse.hstack([vehicle_rows(model, network) for model in models], format="csr")
    cells = np.flatnonzero(np.isfinite(room.ravel()) & (np.diff(litres.indptr) > 0))
    upper = room.ravel()[cells]
    lower = np.full(len(upper), -np.inf)
    return add_rows(together, sparse.csr_matrix(litres[cells]), lower, upper), cells
