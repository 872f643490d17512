/**
 * One request to speak: asked at the door under the hash of a secret, looked after there. Once it is accepted, the
 * secret opens the stage; nobody but this page ever had it. Shown to the door, it takes the request back.
 */

import { ApiError, refusal } from '../backstage/api'
import { say } from '../backstage/words.svelte'
import { browserId, draw } from './browser'

export type Standing = 'waiting' | 'accepted' | 'declined' | 'blocked' | 'withdrawn' | 'unknown'

/** A request that backstage does not know so long after it was asked is gone. */
const MOST_UNKNOWN = 8

export class Asked {
  #unknown = 0

  private constructor(
    private readonly path: string,
    private readonly slot: string,
    readonly secret: string,
    private readonly id: string,
  ) {}

  /** The request of this tab, if it has made one. */
  static async known(path: string, slot: string): Promise<Asked | null> {
    const secret = sessionStorage.getItem(slot)
    return secret ? new Asked(path, slot, secret, await hash(secret)) : null
  }

  /** Ask. Rejects with ApiError. */
  static async ask(path: string, slot: string, about: { name: string; note: string; voucher: string }): Promise<Asked> {
    const secret = draw()
    const asked = new Asked(path, slot, secret, await hash(secret))
    await asked.#send({ id: asked.id, ...about, browser: browserId() })
    sessionStorage.setItem(slot, secret)
    return asked
  }

  /** Take it back. Hosts read the hash: the secret shows whose it is. */
  async withdraw(): Promise<void> {
    this.forget()
    await this.#send({ id: this.id, withdraw: this.secret })
  }

  forget(): void {
    sessionStorage.removeItem(this.slot)
  }

  /** Look once; also when to look again. A door that is not reached has not answered. */
  async look(): Promise<{ state: Standing; poll_ms: number }> {
    const response = await fetch(`${this.path}/ask?id=${this.id}`, { cache: 'no-store' })
    if (!response.ok) throw await refusal(response)
    const told = (await response.json()) as { state: Standing; poll_ms: number }
    this.#unknown = told.state === 'unknown' ? this.#unknown + 1 : 0
    return told.state === 'unknown' && this.#unknown < MOST_UNKNOWN ? { ...told, state: 'waiting' } : told
  }

  async #send(body: object): Promise<void> {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${this.path}/ask`, init).catch(() => {
      throw new ApiError(0, 'unreachable', say('speak.unreachable'))
    })
    if (!response.ok) throw await refusal(response)
  }
}

async function hash(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
