/** Waiting before the next try: doubled each time, capped, jittered so that a crowd does not return as one. */

const FIRST_S = 0.4
const MOST_S = 12

/** Seconds before try number `attempt` (0, 1, …); `random` is in [0, 1). */
export function backoff_s(attempt: number, random = Math.random()): number {
  return Math.min(MOST_S, FIRST_S * 2 ** attempt) * (0.6 + 0.8 * random)
}

/** Wait, but come back early when the network returns or the page is looked at again. */
export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController()
    const timer = setTimeout(finish, seconds * 1000)
    function finish(): void {
      clearTimeout(timer)
      done.abort()
      resolve()
    }
    const options = { signal: done.signal }
    signal?.addEventListener('abort', finish, options)
    addEventListener('online', finish, options)
    document.addEventListener('visibilitychange', () => document.hidden || finish(), options)
    if (signal?.aborted) finish()
  })
}
