/** What the studio knows of its stage, streamed from backstage; reconnects by itself. */

import { ApiError, sentence, type StageView } from '../api'
import { readEvents } from '../events'
import { say } from '../words.svelte'

const MOST_WAIT_MS = 8000
/** Without a word for so long, the stream is taken for dead. */
const SILENT_MS = 25_000
/** Refusals that may be lifted: look again so often. */
const LIFTED = new Set(['blocked', 'off_stage', 'suspended'])
const LIFTED_MS = 5000

export class Room {
  view = $state<StageView | null>(null)
  /** Why there is nothing to see; empty while all is well. */
  problem = $state('')
  refused = $state(false)
  /** Of the refusal, or of what else was answered last; empty where nothing was. */
  code = $state('')
  /** Refused before, and not any more. */
  let_back = $state(false)
  #stopped = new AbortController()
  #attempt = new AbortController()
  #seen_ms = 0

  constructor(private readonly space: string) {}

  /** Refused by what may be lifted: asked again. */
  get waits(): boolean {
    return LIFTED.has(this.code)
  }

  /** Backstage does not know who asks: not signed in, or by a link that is not valid any more. */
  get unknown(): boolean {
    return this.code === 'sign_in_needed'
  }

  start(): void {
    const timer = setInterval(() => {
      if (performance.now() - this.#seen_ms > SILENT_MS) this.#attempt.abort()
    }, 1000)
    this.#stopped.signal.addEventListener('abort', () => clearInterval(timer))
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
    this.#attempt.abort()
  }

  /** Read again now: something was done that changed the room. */
  refresh(): void {
    this.#attempt.abort()
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#stopped.signal.aborted; attempt += 1) {
      this.#attempt = new AbortController()
      this.#seen_ms = performance.now()
      try {
        for await (const data of readEvents(`/spaces/${this.space}/stage/stream`, this.#attempt.signal)) {
          this.#take(JSON.parse(data) as StageView)
          attempt = 0
        }
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        if (this.#attempt.signal.aborted) continue
        this.refused = error instanceof ApiError && [401, 403, 404].includes(error.status)
        if (this.refused) this.let_back = false
        this.code = error instanceof ApiError ? error.code : ''
        this.problem = this.refused ? sentence(error) : say('studio.room.unreachable')
        if (this.waits) await pause(LIFTED_MS)
        else if (this.refused) return
      }
      await pause(Math.min(MOST_WAIT_MS, 500 * 2 ** attempt) * (0.6 + 0.8 * Math.random()))
    }
  }

  #take(view: StageView): void {
    this.#seen_ms = performance.now()
    this.let_back ||= this.refused
    this.problem = this.code = ''
    this.refused = false
    this.view = view
  }
}

function pause(wait_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, wait_ms))
}
