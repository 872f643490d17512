/** Events from a native player: Safari hands the ID3 tags of the stream over as text track cues. */

import type { RoomEvent } from './events'
import { parse, readId3 } from './id3'

interface DataCue extends TextTrackCue {
  value?: { key?: string; info?: string; data?: ArrayBuffer }
  data?: ArrayBuffer
}

/** Call `heard` for each event as its moment is heard. */
export function watchMetadata(audio: HTMLAudioElement, heard: (event: RoomEvent) => void, signal: AbortSignal): void {
  const watch = (track: TextTrack) => {
    if (track.kind !== 'metadata') return
    track.mode = 'hidden'
    track.addEventListener('cuechange', () => {
      for (const cue of Array.from(track.activeCues ?? [])) {
        const event = eventOf(cue as DataCue)
        if (event) heard(event)
      }
    }, { signal })
  }
  Array.from(audio.textTracks).forEach(watch)
  audio.textTracks.addEventListener('addtrack', (added) => added.track && watch(added.track), { signal })
}

function eventOf(cue: DataCue): RoomEvent | null {
  const frame = cue.value
  if (frame?.data && frame.key === 'PRIV' && frame.info === 'rostra.events') return parse(new Uint8Array(frame.data))
  return cue.data ? readId3(new Uint8Array(cue.data)) : null
}
