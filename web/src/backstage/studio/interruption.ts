/**
 * Tells when the system takes the microphone away for a while, as an incoming call does: its track is muted from
 * outside (Media Capture and Streams, section 4.3.1), or the page's audio session is interrupted (Audio Session API).
 */

/** Shorter ones are a change of headset, not a call. */
const BRIEF_MS = 300

interface AudioSession extends EventTarget {
  readonly state: 'inactive' | 'active' | 'interrupted'
}

/** Watch until stopped, which is an end too. Begin and end come in turns, however many signs there are of each. */
export function watchInterruptions(track: MediaStreamTrack, hooks: { began(): void; ended(): void }): () => void {
  const session = (navigator as Navigator & { audioSession?: AudioSession }).audioSession
  const stopped = new AbortController()
  let muted = track.muted
  let told = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const look = () => {
    const interrupted = muted || session?.state === 'interrupted'
    clearTimeout(timer)
    if (interrupted === told) return
    timer = setTimeout(() => {
      told = interrupted
      if (interrupted) hooks.began()
      else hooks.ended()
    }, interrupted ? BRIEF_MS : 0)
  }
  const becomes = (now: boolean) => () => {
    muted = now
    look()
  }

  track.addEventListener('mute', becomes(true), { signal: stopped.signal })
  track.addEventListener('unmute', becomes(false), { signal: stopped.signal })
  session?.addEventListener('statechange', look, { signal: stopped.signal })
  look()
  return () => {
    stopped.abort()
    clearTimeout(timer)
    if (told) hooks.ended()
  }
}
