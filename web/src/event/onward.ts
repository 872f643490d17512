/**
 * The way to another space: its page is put in the place of this one, and audio that sounds goes on, because nothing
 * is loaded anew. Loaded when a space has moved.
 */

import { CATALOGUES } from 'virtual:words/onward'
import { get, getJson, HttpError } from '../player/http'
import { speak, t } from '../words/words'
import { byId, make, say } from './dom'
import type { Answer, Kept } from './place'
import { PLACE, remembered, TICKET } from './remembered'
import { isOver } from './begun'
import type { Boot, Status } from './status'

/** Listeners arrive at the other space spread over so much time. */
const SPREAD_S = 3
const FIRST_S = 2
const MOST_S = 60

/** Parts that differ between spaces. */
const PARTS = ['main', '.about', '#pill', '#boot']

/** The page that goes along. */
export interface Traveller {
  readonly audio: HTMLAudioElement
  readonly isListening: boolean
  /** By which they are inside here; empty for who is not, or not any more. */
  readonly ticket: string
  announce: (sentence: string) => void
  /** Let go of this page, put the other in its place, and come alive there. */
  turnOver(put: () => void): void
}

/** Whether they are on stage by this page (`floor.ts`), which stays until they have left. */
const speaks = () => 'speaking' in document.body.dataset
/** Whether their request to speak here is open or accepted: nobody could answer it elsewhere. */
const asks = () => 'asks' in document.body.dataset && !byId('floor').hidden
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/**
 * Go to the space at `path`. Who hears something hears it until they are let in there, or there is nothing any
 * more here. Rejects when its words are not reached, and never after that: it tries until it comes through.
 */
export async function goAlong(path: string, traveller: Traveller): Promise<void> {
  await speak(CATALOGUES)
  void travel(path, traveller)
}

async function travel(path: string, traveller: Traveller): Promise<void> {
  if (traveller.isListening) await pause(SPREAD_S * Math.random())
  for (let wait_s = FIRST_S; ; await pause(wait_s * (0.7 + 0.3 * Math.random()))) {
    try {
      if (speaks() || asks()) {
        tellMove(path, traveller)
        history.replaceState(null, '', '?stay') // loaded anew, it is still this page
        continue
      }
      const there = traveller.isListening ? await statusAt(path) : null
      wait_s = (there?.poll_ms ?? 1000 * FIRST_S) / 1000
      if (!there || there.state === 'live') {
        const next = await pageAt(path)
        if (!next && !traveller.isListening) return location.assign(path) // it has a door of its own
        const again_ms = next && (await bring(bootOf(next), path, traveller))
        if (next && again_ms === null) return arrive(next, path, traveller)
        wait_s = again_ms ? again_ms / 1000 : wait_s
      }
    } catch {
      wait_s = Math.min(MOST_S, 2 * wait_s) // not reached, or not let in
    }
    if (traveller.isListening) tellMove(path, traveller)
  }
}

function arrive(next: Document, path: string, traveller: Traveller): void {
  traveller.audio.muted = false // for who is on the stage of this page, not of the other
  traveller.turnOver(() => put(next, path))
  say(byId('announce'), t('event.moved_here'))
}

/** Say that it goes on elsewhere, and what keeps them here. */
function tellMove(path: string, traveller: Traveller): void {
  const said = t(asks() ? 'event.moved_asked' : 'event.moved')
  const told = document.getElementById('moved')
  if (told?.dataset['said'] === said) return
  told?.remove()
  byId('action').before(make('p', { class: 'notice', id: 'moved', 'data-said': said }, said, ' ', make('a', { href: path }, t('event.moved_go'))))
  traveller.announce(said)
}

/**
 * Bring along to the space of `to` what one has here: the seat, or the place in line. Null once one may go; else after
 * how many milliseconds its door should be asked again, while there is still something to hear here. Rejects like `get`.
 */
async function bring(to: Boot, path: string, traveller: Traveller): Promise<number | null> {
  if (to.state !== 'live') return null
  const { space } = bootOf(document)
  const place = placeOf(to.space) ?? placeOf(space)
  const { ticket: moved } = traveller
  if (!moved) {
    if (place) keep(to.space, place)
    return null
  }
  const answer = await getJson<Answer>(`${path}/join`, { method: 'POST', body: JSON.stringify({ moved, place: place ?? '' }) })
  if (answer.admitted !== false) {
    remembered(PLACE + to.space, null)
    remembered(TICKET + space, null, 'session')
    remembered(TICKET + to.space, JSON.stringify(answer), 'session')
    return null
  }
  if (answer.place) keep(to.space, answer.place)
  return traveller.isListening || !answer.place ? answer.again_ms : null
}

/** The place with which somebody stands in line for `space`; null where nobody does. */
function placeOf(space: string): string | null {
  try {
    const kept = JSON.parse(remembered(PLACE + space) ?? 'null') as Kept | null
    return kept?.waits ? kept.place : null
  } catch {
    return null // nonsense
  }
}

/** Stand in line for `space` with a place; how it was drawn is not known there. */
function keep(space: string, place: string): void {
  const kept: Kept = { place, nonce: '', waits: true }
  remembered(PLACE + space, JSON.stringify(kept))
}

const bootOf = (page: Document) => JSON.parse(page.getElementById('boot')?.textContent ?? 'null') as Boot

/** How the space at `path` stands. Rejects when the door is not reached, and where it lets nobody in. */
function statusAt(path: string): Promise<Status> {
  return getJson<Status>(`${path}/status.json`)
}

/** The page at `path`; null where this visitor is not let in, or where it is over. Rejects when the door is not reached. */
async function pageAt(path: string): Promise<Document | null> {
  try {
    const text = await (await get(path, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(8000) })).text()
    const page = new DOMParser().parseFromString(text, 'text/html')
    return page.getElementById('boot') && !isOver(bootOf(page).state) ? page : null
  } catch (error) {
    if (error instanceof HttpError && error.status < 500) return null
    throw error
  }
}

/** Put it in this page's place, its address too. */
function put(page: Document, path: string): void {
  for (const part of PARTS) {
    const [before, after] = [document.querySelector(part), page.querySelector(part)]
    if (before && after) before.replaceWith(document.adoptNode(after))
  }
  document.title = page.title
  document.body.dataset['state'] = page.body.dataset['state'] ?? ''
  for (const name of ['canonical', 'alternate']) {
    const [before, after] = [document, page].map((each) => each.querySelector(`link[rel=${name}]`))
    if (before && after) before.replaceWith(document.adoptNode(after))
  }
  history.replaceState(null, '', path)
}
