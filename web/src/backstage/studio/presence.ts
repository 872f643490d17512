/**
 * Lets other pages of this browser know that one is on stage: the event page falls silent, for it would play what is
 * said here a second later; and a second studio of the same person takes over from the first.
 *
 * The event page may stand on another port, which no channel reaches; a cookie does. Only that page gets it.
 */

const AGAIN_MS = 2000
const LIFE_S = 10
/** The name under which the event page looks for it. */
const COOKIE = 'on_stage'

/** Say so until stopped; should this page die, it is forgotten by itself. */
export function sayOnStage(space: string): () => void {
  const write = (life_s: number) => {
    document.cookie = `${COOKIE}=1; Path=/s/${space}; Max-Age=${life_s}; SameSite=Lax${location.protocol === 'https:' ? '; Secure' : ''}`
  }
  const leave = () => write(0)
  write(LIFE_S)
  const timer = setInterval(() => write(LIFE_S), AGAIN_MS)
  addEventListener('pagehide', leave)
  return () => {
    clearInterval(timer)
    removeEventListener('pagehide', leave)
    leave()
  }
}

/** Take over from an older studio of the same person in this browser, and be told when a newer one takes over from us. */
export function takeOver(speaker: string, taken: () => void): () => void {
  const channel = new BroadcastChannel(`rostra.studio.${speaker}`)
  channel.addEventListener('message', taken)
  channel.postMessage('here')
  return () => channel.close()
}
