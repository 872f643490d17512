/** HLS by the browser itself: iPhone, iPad, and wherever nothing else works. Loaded there alone. */

import { HlsPlayer, type Behind } from './hls'
import { watchMetadata } from './metadata'

export class NativePlayer extends HlsPlayer {
  readonly name = 'native'

  protected async attach(address: string, signal: AbortSignal): Promise<Behind> {
    this.audio.src = address
    watchMetadata(this.audio, (event) => this.hooks.event(event), signal)
    signal.addEventListener('abort', () => this.audio.removeAttribute('src'))
    const startsAt_ms = (this.audio as { getStartDate?: () => Date }).getStartDate
    return () => {
      const start = startsAt_ms?.call(this.audio).getTime() ?? NaN
      const behind = (Date.now() - start) / 1000 - this.audio.currentTime
      return Number.isFinite(behind) ? behind : 0
    }
  }
}
