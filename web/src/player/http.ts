/** Requests of a listener's page: a deadline on each, and a status that is not 2xx is an error. */

export class HttpError extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`)
  }
}

/** Fetch without the cache; the door, and no other, gets the pass that this browser keeps. Rejects with HttpError, or with the network's own error. */
export async function get(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, { cache: 'no-store', credentials: 'same-origin', ...init })
  if (!response.ok) throw new HttpError(response.status)
  return response
}

/** Fetch JSON; gives up after `timeout_s`. */
export async function getJson<T>(url: string, init: RequestInit = {}, timeout_s = 6): Promise<T> {
  const response = await get(url, { signal: AbortSignal.timeout(timeout_s * 1000), ...init })
  return (await response.json()) as T
}

/** Say every minute or so, by no beat that others share, that somebody listens; until aborted. */
export async function tellNowAndThen(url: string, every_s: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await get(url, { method: 'POST', signal }).catch(() => null) // the next one will do
    await new Promise((resolve) => setTimeout(resolve, every_s * (750 + Math.random() * 500)))
  }
}
