/** Which screen the address asks for. Every screen has an address of its own, so a reload changes nothing. */

import { tick } from 'svelte'
import { standOn } from './focus'
import { withinSite } from './onward'

const SCREENS =
  /^\/(?:|setup|signin|console|accounts|account|invitation|reset|site|audit|door|reports|report|(?:studio|captions)\/[a-z0-9]+)$/

let address = $state.raw(new URL(location.href))

/** The path, without a slash at its end. */
export function path(): string {
  return address.pathname.replace(/(?<=.)\/$/, '')
}

export function asked(name: string): string {
  return address.searchParams.get(name) ?? ''
}

/** Show the screen at `to`; another site's address, or the door's, is left to the browser. */
export function go(to: string, { replace = false } = {}): void {
  const next = new URL(to, location.href)
  if (!isScreen(next)) return location.assign(next)
  history[replace ? 'replaceState' : 'pushState'](null, '', next)
  void arrive()
}

/** After the address changed: draw it, begin at its top, and put the focus on its heading so that it is read out. */
async function arrive(): Promise<void> {
  address = new URL(location.href)
  await tick()
  scrollTo(0, 0)
  focusHeading()
}

/** Focus the screen's heading, or the whole of it while it loads. */
export function focusHeading(): void {
  standOn(document.querySelector<HTMLElement>('main h1') ?? document.querySelector<HTMLElement>('main'), { preventScroll: true })
}

function isScreen(to: URL): boolean {
  return to.origin === location.origin && SCREENS.test(to.pathname.replace(/\/$/, ''))
}

/** Follow links between screens without loading the page anew; one that brings a key begins anew, also where one is already. */
export function followLinks(): () => void {
  const clicked = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download')) return
    const to = new URL(link.href, location.href)
    if (!isScreen(to) || (to.pathname === location.pathname && to.hash)) return
    event.preventDefault()
    go(link.href)
  }
  const moved = () => void arrive()
  const keyed = () => location.hash.startsWith('#k=') && location.reload()
  document.addEventListener('click', clicked)
  addEventListener('popstate', moved)
  addEventListener('hashchange', keyed)
  return () => {
    document.removeEventListener('click', clicked)
    removeEventListener('popstate', moved)
    removeEventListener('hashchange', keyed)
  }
}

/** Where to go after signing in: `next`, if it is a path of this site. */
export function onward(fallback = '/console'): string {
  return withinSite(asked('next'), location.href) ?? fallback
}

/** The secret after `#`, which no server sees; it leaves the address bar at once. */
export function takeFragment(): string {
  const fragment = decodeURIComponent(location.hash.slice(1))
  if (fragment) history.replaceState(null, '', location.pathname + location.search)
  return fragment.replace(/^(k|token)=/, '')
}
