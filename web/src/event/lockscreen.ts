/** Title, names and picture for the lock screen and the keys of a headset. */

export interface Keys {
  play(): void
  stop(): void
}

/** `keys` null: a recording, whose keys the browser handles well by itself. */
export function showOnLockScreen(title: string, names: string[], artwork: string, keys: Keys | null): void {
  const media = navigator.mediaSession
  if (!media) return
  media.metadata = new MediaMetadata({
    title,
    artist: names.join(', '),
    artwork: [{ src: artwork, sizes: '1200x630', type: 'image/png' }],
  })
  for (const action of ['play', 'pause', 'stop'] as const) {
    media.setActionHandler(action, keys && (() => (action === 'play' ? keys.play() : keys.stop())))
  }
}
