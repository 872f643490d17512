/** Whether this browser takes audio piece by piece, known before the player that gives it the pieces is loaded. */

declare global {
  interface Window {
    ManagedMediaSource?: typeof MediaSource
  }
}

export const MediaSourceClass: typeof MediaSource | undefined =
  globalThis.MediaSource ?? (globalThis as unknown as Window).ManagedMediaSource

/** Whether it can play live segments as they are made. */
export const playsSegments = MediaSourceClass !== undefined && 'body' in Response.prototype
