/** Who was on stage at a second of a recording, from the events that lie beside it. */

import { getJson } from '../player/http'
import type { Person, RoomEvent } from '../player/events'

const RATE = 48_000

/** Nobody where the events cannot be had. `playlist` is the recording's, in the same folder. */
export async function peopleAt(playlist: string, at_s: number): Promise<Person[]> {
  try {
    const { events } = await getJson<{ events: RoomEvent[] }>(new URL('events.json', playlist).href, {}, 10)
    return heardBy(events, at_s)
  } catch {
    return []
  }
}

/** The last who were told of by then, and whoever came in the half minute before. */
export function heardBy(events: RoomEvent[], at_s: number): Person[] {
  const people = new Map<string, Person>()
  let last: Person[] = []
  for (const { at, speakers } of events) {
    if (at > (at_s + 1) * RATE) break
    if (!speakers) continue
    last = speakers
    if (at >= (at_s - 30) * RATE) for (const person of speakers) people.set(person.id, person)
  }
  for (const person of last) people.set(person.id, person)
  return [...people.values()]
}
