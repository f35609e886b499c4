"""The same chance twice: random numbers recorded in one run, played again in a changed one.

Two runs compared by fresh random numbers differ by noise too; compared by the same ones they differ
by what was changed only (common random numbers). Counts are scaled: where the first run drew n from a
mean of λ, the second has n · λ'/λ for a mean of λ'. So a mean that stays gives the same counts bit
for bit, and a mean that rises gives no fewer anywhere. Worked number: 7 drawn from a mean of 5; with
the mean at 6 the second run has 8.4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supply.forecast.cases import FloatArray

_State = Any  # numpy's own dictionary of a bit generator


class Recorded(np.random.Generator):
    """Draws as `np.random.default_rng(seed)` does, and keeps every Poisson call."""

    def __init__(self, seed: int) -> None:
        super().__init__(np.random.PCG64(seed))
        self.seed = seed
        self.calls: list[tuple[FloatArray, FloatArray, _State]] = []

    def poisson(self, lam: Any = 1.0, size: Any = None) -> Any:
        """As numpy's; the mean, what was drawn and the state after it are kept."""
        drawn = super().poisson(lam, size)
        mean = np.broadcast_to(np.asarray(lam, dtype=np.float64), np.shape(drawn))
        self.calls.append(
            (mean.copy(), np.asarray(drawn, dtype=np.float64), self.bit_generator.state)
        )
        return drawn


class Replayed(np.random.Generator):
    """The random numbers of `first` again; its Poisson counts scaled to the means now asked for.

    After each Poisson call the state is the recorded one, so all other draws are the same too. Raises
    ValueError when asked for counts of another shape, or more often, than `first` was.
    """

    def __init__(self, first: Recorded) -> None:
        super().__init__(np.random.PCG64(first.seed))
        self._calls = iter(tuple(first.calls))

    def poisson(self, lam: Any = 1.0, size: Any = None) -> Any:
        """The recorded counts · new mean / recorded mean; the new mean itself where that was 0."""
        found = next(self._calls, None)
        shape = np.shape(lam) if size is None else tuple(np.atleast_1d(size))
        if found is None or found[1].shape != shape:
            raise ValueError("the changed run asks for other random numbers than the recorded one")
        mean, drawn, state = found
        self.bit_generator.state = state
        wanted = np.broadcast_to(np.asarray(lam, dtype=np.float64), shape)
        ratio = np.divide(wanted, mean, out=np.ones_like(mean), where=mean > 0)
        return np.where(mean > 0, drawn * ratio, wanted)
