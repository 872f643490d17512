/** Title, names and picture for the lock screen and the keys of a headset, and what these do. A recording adds its own. */

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

export function show({ title, names, artwork }: Words): MediaSession | null {
  const media = navigator.mediaSession
  if (!media) return null
  const src = new URL(artwork, location.href).href
  media.metadata = new MediaMetadata({ title, artist: names.join(', '), artwork: [{ src, sizes: '1200x630', type: 'image/png' }] })
  return media
}

type Handlers = Partial<Record<MediaSessionAction, MediaSessionActionHandler | null>>

export function act(media: MediaSession, handlers: Handlers): void {
  for (const [action, handler] of Object.entries(handlers) as [MediaSessionAction, MediaSessionActionHandler | null][]) {
    try {
      media.setActionHandler(action, handler)
    } catch {
      // A browser that does not know this key.
    }
  }
}
