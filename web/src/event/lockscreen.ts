/** Title, names and picture for the lock screen and the keys of a headset, and what these do. */

export interface Words {
  title: string
  names: string[]
  artwork: string
}

/** Live: play and pause are the page's own press and stop, for there is nothing to pause. */
export function showLive(words: Words, press: () => void, stop: () => void): void {
  const media = show(words)
  if (!media) return
  act(media, { play: press, pause: stop, stop })
  media.setPositionState()
}

/** The state that a key of the headset would change. */
export function tellPlaying(playing: boolean): void {
  if (navigator.mediaSession) navigator.mediaSession.playbackState = playing ? 'playing' : 'paused'
}

/** A recording: its place and length stand there, and can be moved in. */
export function showRecording(words: Words, audio: HTMLAudioElement, skip_s: number): void {
  const media = show(words)
  if (!media) return
  const go = (to_s: number) => (audio.currentTime = Math.min(Math.max(0, to_s), audio.duration || 0))
  act(media, {
    play: () => void audio.play().catch(() => {}), // a failure arrives as the element's error event
    pause: () => audio.pause(),
    stop: null,
    seekto: ({ seekTime }) => go(seekTime ?? audio.currentTime),
    seekbackward: ({ seekOffset }) => go(audio.currentTime - (seekOffset ?? skip_s)),
    seekforward: ({ seekOffset }) => go(audio.currentTime + (seekOffset ?? skip_s)),
  })
  for (const name of ['loadedmetadata', 'play', 'pause', 'seeked', 'ratechange']) {
    audio.addEventListener(name, () => tellPlace(media, audio))
  }
}

function tellPlace(media: MediaSession, audio: HTMLAudioElement): void {
  media.playbackState = audio.paused ? 'paused' : 'playing'
  const { duration, currentTime, playbackRate } = audio
  if (!Number.isFinite(duration)) return
  media.setPositionState({ duration, playbackRate, position: Math.min(currentTime, duration) })
}

function show({ title, names, artwork }: Words): MediaSession | null {
  const media = navigator.mediaSession
  if (!media) return null
  const src = new URL(artwork, location.href).href
  media.metadata = new MediaMetadata({ title, artist: names.join(', '), artwork: [{ src, sizes: '1200x630', type: 'image/png' }] })
  return media
}

type Handlers = Partial<Record<MediaSessionAction, MediaSessionActionHandler | null>>

function act(media: MediaSession, handlers: Handlers): void {
  for (const [action, handler] of Object.entries(handlers) as [MediaSessionAction, MediaSessionActionHandler | null][]) {
    try {
      media.setActionHandler(action, handler)
    } catch {
      // A browser that does not know this key.
    }
  }
}
