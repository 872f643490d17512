/**
 * What happens beside the audio: reactions, the pinned link, music while the stage is empty, and captions, which
 * are loaded where there are some. A file of its own, loaded once the page is alive, so that nobody waits for it to hear.
 */

import { holdFrom, pinnedFrom, type RoomEvent } from '../player/events'
import { t } from '../words/words'
import type { CaptionBox } from './captions'
import { byId, make, say } from './dom'
import { PinnedLink } from './pinned'
import { ReactionRow } from './reactions'
import type { Status } from './status'

export interface Around {
  readonly audio: HTMLAudioElement
  announce: (sentence: string) => void
  /** Send one press to the door. */
  react(kind: string): void
}

export class Happenings {
  readonly #pinned: PinnedLink
  readonly #hold = make('p', { class: 'notice hold-music', 'data-testid': 'hold', hidden: true })
  /** Loaded with the first line. */
  #captions: Promise<CaptionBox> | null = null
  readonly #reactions: ReactionRow
  /** The run whose captions are loaded, and where its recording is: a visitor's own address holds for a while only. */
  #recorded: string | null = null
  #hls = ''
  #sounding = false

  constructor(private readonly around: Around) {
    this.#pinned = new PinnedLink(around.announce)
    this.#reactions = new ReactionRow((kind) => around.react(kind))
    byId('notices').before(this.#hold)
    byId('pinned').before(this.#reactions.node)
  }

  /**
   * What the door says, while nobody listens here; what can be pressed is always the door's to say, stands there for
   * whoever listens, so that nothing moves when sound comes, and can be pressed by whoever hears something (`sounds`).
   */
  status(status: Status, listening: boolean, sounds: boolean): void {
    this.#reactions.offer(listening && status.state === 'live' ? status.reactions : [])
    this.#reactions.node.inert = !sounds
    if (this.#sounding && !sounds) void this.#captions?.then((box) => box.clear(), () => {})
    this.#sounding = sounds
    if (!listening) {
      this.#pinned.show(status.pinned)
      this.#holds(status.hold)
    }
    const { replay, run } = status
    if (!replay) return
    this.#hls = replay.hls
    if (run === this.#recorded) return
    this.#recorded = run
    void import('./recorded')
      .then(({ recordedCaptions }) => recordedCaptions(() => this.#hls, this.around.audio, () => this.#captionBox()))
      .catch(() => (this.#recorded = null)) // with the next news
  }

  #captionBox(): Promise<CaptionBox> {
    this.#captions ??= import('./captions').then(async ({ openCaptions }) => {
      const box = await openCaptions(this.around.audio)
      byId('action').after(box.node) // in sight on a phone
      return box
    })
    this.#captions.catch(() => (this.#captions = null)) // the next line asks again
    return this.#captions
  }

  /** An event whose moment is heard now. */
  event(event: RoomEvent): void {
    const pinned = pinnedFrom(event)
    if (pinned !== undefined) this.#pinned.show(pinned)
    const hold = holdFrom(event)
    if (hold !== undefined) this.#holds(hold)
    if (event.reactions) this.#reactions.heard(event.reactions)
    for (const line of event.captions ?? []) void this.#captionBox().then((box) => box.heard(line), () => {})
  }

  #holds(hold: boolean): void {
    if (hold && this.#hold.hidden) this.around.announce(t('happening.hold'))
    this.#hold.hidden = !hold
    say(this.#hold, hold ? t('happening.hold') : '')
  }
}
