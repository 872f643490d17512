/**
 * One's own seat on a stage, in the studio and on the event page alike: the line, the microphone that speaks over it,
 * whether one is muted, and what other tabs of this browser are told. Made while a component is.
 */

import { onMount } from 'svelte'
import { call, sentence, type OnStage, type StageView } from '../api'
import { say } from '../words.svelte'
import { stayAwake } from './awake'
import { Line, type LineState } from './line'
import { deviceOf, openMicrophone, watchMicrophones } from './microphone'
import { Muting } from './muting.svelte'
import { sayOnStage, takeOver } from './presence'

export interface SeatHooks {
  /** Hands over another microphone in place of the first, whose owner closes both; false: it came too late. */
  took(fresh: MediaStream): boolean
  /** Not on stage any more, or never; `code` is the refusal's. */
  refused(why: string, code?: string): void
}

/** The stage must know us this long after the line opened, or we join again. */
const PATIENCE_MS = 3000
/** A mute, or its end, that backstage did not answer for so long has not reached it. */
const LONGEST_TELL_MS = 10_000

export class Seat {
  line = $state<LineState>({ kind: 'connecting' })
  /** Whether the line has been open: one is on stage from then on, also while it is made again. */
  came = $state(false)
  /** What the others say: everyone but oneself. */
  returned = $state.raw<MediaStream | null>(null)
  microphone: MediaStream
  /** The id of the microphone that is chosen; {@link change} opens it. */
  chosen: string
  devices = $state<{ id: string; label: string }[]>([])
  /** Unplugged, or not allowed any more. */
  lost = $state(false)
  /** By the page's clock. */
  now_ms = $state(performance.now())

  #problem = $state('')
  readonly #mine = $derived.by(() => this.view().speakers.find((speaker) => speaker.speaker === this.view().me.speaker))
  /** As the stage has it; as backstage keeps it while the stage does not know us. */
  readonly #known = $derived.by(() => this.#mine ?? this.view().me)
  /** A host muted us: we cannot undo it. */
  readonly held = $derived.by(() => this.#known.muted_by_host && !this.view().me.may.mute_others)
  readonly #muting = new Muting(
    () => ({ muted: this.#known.muted, kept: this.view().me.muted, held: this.held }),
    (muted) => call('POST', `/spaces/${this.space}/stage/speakers/${this.view().me.speaker}/mute`, { muted }, { signal: AbortSignal.timeout(LONGEST_TELL_MS) }),
  )

  readonly connection: Line

  constructor(
    private readonly space: string,
    private readonly view: () => StageView,
    microphone: MediaStream,
    device: string,
    private readonly hooks: SeatHooks,
  ) {
    this.microphone = $state.raw(microphone)
    this.chosen = $state(device)
    this.connection = new Line(space, microphone, {
      state: (state) => {
        this.line = state
        if (state.kind === 'open') this.came = true
        if (state.kind === 'refused') hooks.refused(state.why, state.code)
      },
      returned: (mix) => (this.returned = mix),
    })
    onMount(() => this.#take())
    $effect(() => (this.came ? sayOnStage(this.space) : undefined))
    $effect(() => this.#muting.settle())
    $effect(() => this.#watchTrack())
    $effect(() => this.#rejoin())
  }

  /** Of one's connection, in the stage's word, which everybody there reads; null until it has one. */
  get quality(): OnStage['quality'] {
    return this.#mine?.quality ?? null
  }

  /** Sentence on the line's state; empty while it is open. */
  get words(): string {
    if (this.line.kind === 'open') return ''
    if (this.line.kind === 'connecting') return say('studio.line.connecting')
    return this.line.kind === 'refused' ? this.line.why : say('studio.line.broken', { why: this.line.why })
  }

  get muted(): boolean {
    return this.#muting.muted
  }

  /** Why something was not done; empty while all is well. */
  get problem(): string {
    return this.#problem || this.#muting.problem
  }

  async mute(to: boolean): Promise<void> {
    const refused = this.held && !to
    this.#problem = refused ? say('studio.held') : ''
    if (!refused && this.view().me.speaker) await this.#muting.want(to)
  }

  /** Speak through the microphone that is chosen. */
  async change(): Promise<void> {
    this.#problem = ''
    try {
      const fresh = await openMicrophone(this.chosen)
      if (!this.hooks.took(fresh)) return
      this.microphone = fresh
      this.chosen ||= deviceOf(fresh)
      await this.connection.change(fresh)
    } catch (error) {
      this.#problem = sentence(error)
    }
  }

  #take(): () => void {
    const me = this.view().me.speaker
    this.connection.start()
    const letSleep = stayAwake()
    const keep = me ? takeOver(me, () => this.hooks.refused(say('studio.off.other_tab'))) : () => {}
    const timer = setInterval(() => (this.now_ms = performance.now()), 250)
    const unwatch = watchMicrophones((found) => this.#offer(found))
    return () => {
      this.#muting.stop()
      unwatch()
      this.connection.stop()
      letSleep()
      keep()
      clearInterval(timer)
    }
  }

  /** What was chosen and is there no more makes way for what is. */
  #offer(found: { id: string; label: string }[]): void {
    this.devices = found
    if (this.lost && !found.some(({ id }) => id === this.chosen)) this.chosen = found[0]?.id ?? ''
  }

  #watchTrack(): () => void {
    const track = this.microphone.getAudioTracks()[0]
    this.lost = track?.readyState === 'ended'
    const gone = () => {
      this.lost = true
      this.#problem = say('studio.microphone.unplugged')
      this.#offer(this.devices)
    }
    track?.addEventListener('ended', gone)
    return () => track?.removeEventListener('ended', gone)
  }

  /** A stage that restarted has forgotten us before our browser notices. */
  #rejoin(): void {
    if (this.line.kind === 'open' && !this.#mine?.connected && this.now_ms && this.connection.open_ms > PATIENCE_MS) this.connection.lost()
  }
}
