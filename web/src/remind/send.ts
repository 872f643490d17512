/** Sends what somebody wants to be reminded of; promises nothing before it is kept. */

import type { Key } from 'virtual:words/remind'

export type Asked = { forget: string } | { problem: Key }

const PATIENCE_MS = 10_000

/** Have it kept; what to say when it was not. Never rejects. */
export async function ask(address: string, wanted: Record<string, unknown>): Promise<Asked> {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...wanted, language: document.documentElement.dataset['words'] ?? document.documentElement.lang }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    return answer.ok ? ((await answer.json()) as { forget: string }) : { problem: problemOf(answer.status) }
  } catch {
    return { problem: 'remind.problem.away' }
  }
}

/** Whether a reminder is no more. */
export async function forget(token: string): Promise<boolean> {
  try {
    const answer = await fetch(`/forget?t=${encodeURIComponent(token)}`, { method: 'POST', signal: AbortSignal.timeout(PATIENCE_MS) })
    return answer.ok || answer.status === 404
  } catch {
    return false
  }
}

/** What a refusal means to whoever asked. */
export function problemOf(status: number): Key {
  if (status === 429) return 'remind.problem.many'
  if (status >= 500) return 'remind.problem.away'
  return status === 400 ? 'remind.problem.address' : 'remind.problem.over'
}
