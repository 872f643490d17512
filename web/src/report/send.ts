/** Sends a report; thanks nobody before it is stored. */

import type { Key } from 'virtual:words/report'

export type Sent = { follow: string } | { problem: Key }

const PATIENCE_MS = 10_000

/** Where its author follows it, or what to say when it was not stored. Never rejects. */
export async function send(address: string, report: Record<string, unknown>): Promise<Sent> {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (answer.ok) return (await answer.json()) as { follow: string }
    return { problem: problemOf(answer.status) }
  } catch {
    return { problem: 'report.problem.away' }
  }
}

/** What a refusal means to whoever reports. */
export function problemOf(status: number): Key {
  if (status === 429) return 'report.problem.many'
  return status >= 500 ? 'report.problem.away' : 'report.problem.gone'
}
