/** HLS by the browser itself: iPhone, iPad, and wherever nothing else works. Loaded there alone. */

import { HlsPlayer, type Attached } from './hls'
import { watchMetadata } from './metadata'

export class NativePlayer extends HlsPlayer {
  readonly name = 'native'

  protected async attach(address: string): Promise<Attached> {
    this.audio.src = address
    watchMetadata(this.audio, (event) => this.hooks.event(event), this.stopped.signal)
    const startsAt_ms = (this.audio as { getStartDate?: () => Date }).getStartDate
    return {
      latency_s: () => {
        const start = startsAt_ms?.call(this.audio).getTime() ?? NaN
        const behind = (Date.now() - start) / 1000 - this.audio.currentTime
        return Number.isFinite(behind) ? behind : 0
      },
      detach: () => this.audio.removeAttribute('src'),
    }
  }
}
