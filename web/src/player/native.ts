/** HLS by the browser itself: iPhone, iPad, and wherever nothing else works. Loaded there alone. */

import { HlsPlayer, type Behind } from './hls'
import { watchMetadata } from './metadata'

export class NativePlayer extends HlsPlayer {
  readonly name = 'native'

  protected async attach(address: string, signal: AbortSignal): Promise<Behind> {
    let behind: Behind = () => 0
    const loading = import('./untold')
    const chosen = loading.then((untold) => {
      behind = untold.behindOf(this.audio)
      return untold.playlistFor(this, address, signal)
    }).catch(() => address)
    if (this.saving) {
      address = await chosen
      signal.throwIfAborted()
    }
    this.audio.src = address
    watchMetadata(this.audio, (event) => this.hooks.event(event), signal)
    signal.addEventListener('abort', () => this.audio.removeAttribute('src'))
    return () => behind()
  }
}
