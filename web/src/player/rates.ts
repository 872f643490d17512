/** How much slower or faster a player may play. Nobody hears these; the browser keeps the pitch. */

export const FASTEST = 1.03
/** The edge counts on it before a longer cadence (`GROWTH` in `core/pace.py`). */
export const SLOWEST = 0.95
