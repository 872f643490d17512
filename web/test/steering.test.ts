import { expect, test } from 'vitest'
import { FASTEST, SLOWEST } from '../src/player/rates'
import { Steering } from '../src/player/steering'
import { CHUNK_S, MOST_BEYOND_CADENCE_S } from '../src/player/target'
import { sequence } from './sequence'

const TICK_S = 0.01
const FLOOR_S = 0.64

/** A listener behind a network: what they have in hand over time, and when they ran dry. */
class Listener {
  readonly steering = new Steering()
  readonly stalledAt_s: number[] = []
  readonly rates = new Set<number>()
  jumps = 0
  now_s = 0
  #heard_s = 0
  #newest_s = 0
  #cut_s = 0
  #dry = false

  constructor(public late_s: () => number, ahead_s = FLOOR_S) {
    this.#heard_s = -ahead_s
  }

  #arrivals: { at_s: number; end_s: number }[] = []

  /** Listen on; the edge writes once in `cadence_s`. In order, as TCP delivers. */
  listen(seconds: number, cadence_s = CHUNK_S): this {
    for (const until_s = this.now_s + seconds; this.now_s < until_s; this.now_s += TICK_S) {
      if (this.now_s - this.#cut_s >= cadence_s - TICK_S / 2) {
        this.#cut_s += cadence_s
        this.#arrivals.push({ at_s: this.#cut_s + this.late_s(), end_s: this.#cut_s })
      }
      while (this.#arrivals[0] && this.#arrivals[0].at_s <= this.now_s) this.#take(this.#arrivals.shift()!.end_s)
      this.#play()
    }
    return this
  }

  /** The edge tells a longer cadence, which is heard `heard_s` later, and turns to it step by step (`core/pace.py`). */
  lengthen(cadence_s: number, heard_s: number): this {
    const told_s = this.now_s
    this.listen(heard_s).steering.target.announced(cadence_s, this.now_s)
    let held_s = CHUNK_S
    for (const quanta of [2, 3, 4, 6, 12].filter((quanta) => quanta * CHUNK_S <= cadence_s)) {
      const step_s = quanta * CHUNK_S
      this.listen(told_s + 7.68 + (step_s - CHUNK_S) / 0.05 - this.now_s, held_s)
      held_s = step_s
    }
    return this
  }

  /** The edge writes more often from now on and tells it, which is heard `heard_s` later. */
  shorten(cadence_s: number, heard_s: number): this {
    this.listen(heard_s, cadence_s).steering.target.announced(cadence_s, this.now_s)
    return this
  }

  /** In hand after the newest write, and what is to come of the cadence. */
  get behind_s(): number {
    return this.now_s - this.#heard_s
  }

  #take(end_s: number): void {
    if (!this.#dry) this.steering.arrived(this.#newest_s - this.#heard_s, this.now_s)
    this.#newest_s = end_s
    this.steering.appended(this.#newest_s - this.#heard_s, this.now_s)
    if (this.steering.tooFar) {
      this.jumps += 1
      this.#heard_s = this.#newest_s - this.steering.target.target_s
      this.steering.moved()
    }
  }

  #play(): void {
    const rate = this.steering.rate
    this.rates.add(rate)
    const next_s = this.#heard_s + TICK_S * rate
    if (next_s <= this.#newest_s) {
      if (this.#dry) this.steering.stalled(this.now_s)
      this.#dry = false
      this.#heard_s = next_s
    } else if (!this.#dry) {
      this.#dry = true
      this.stalledAt_s.push(this.now_s)
    }
  }
}

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1)

/** Delays of up to 200 ms; of a hundred writes, two are lost and sent again. */
function rough(seed: number): () => number {
  const random = sequence(seed)
  return () => 0.2 * random() + (random() < 0.02 ? 0.3 : 0)
}

test('on a prompt network a listener stays at the floor and the rate is left alone', () => {
  const listener = new Listener(() => 0.03).listen(60)
  expect(listener.stalledAt_s).toEqual([])
  expect(listener.rates).toEqual(new Set([1]))
  expect(listener.behind_s).toBeLessThanOrEqual(0.7)
})

test('who begins a quarter of a second too far behind is close a dozen seconds later', () => {
  const listener = new Listener(() => 0.03, FLOOR_S + 0.25).listen(12)
  expect(listener.behind_s).toBeLessThan(FLOOR_S + 0.05)
})

test('now and then a tenth of a second late, a listener stays as close', () => {
  const random = sequence(1)
  expect(new Listener(() => 0.03 + 0.1 * random()).listen(60).behind_s).toBeLessThanOrEqual(0.75)
})

test('on a rough network the distance grows, and nothing is interrupted after the first twenty seconds', () => {
  for (const seed of SEEDS) {
    const listener = new Listener(rough(seed)).listen(180)
    expect(listener.stalledAt_s.filter((at_s) => at_s > 20), `seed ${seed}`).toEqual([])
    expect(listener.behind_s).toBeLessThan(2.5)
  }
})

test('once the network is prompt again, the distance shrinks slowly back to the floor', () => {
  const listener = new Listener(rough(3)).listen(60)
  const grown_s = listener.behind_s
  listener.late_s = () => 0.03
  expect(listener.listen(10).behind_s).toBeGreaterThan(grown_s - 0.4)
  expect(listener.listen(600).behind_s).toBeLessThan(0.75)
})

test('whatever comes, the rate is bent slightly, and the target keeps within its bounds', () => {
  for (const seed of SEEDS) {
    const random = sequence(seed)
    const steering = new Steering()
    let longest_s = CHUNK_S
    for (let now_s = 0; now_s < 120; now_s += random() * 0.6) {
      const act = random()
      if (act < 0.05) steering.stalled(now_s)
      else if (act < 0.1) steering.moved()
      else if (act < 0.12) steering.target.announced(random() * 3, now_s)
      else steering.arrived(random() * 6 - 1, now_s)
      steering.appended(random() * 6, now_s)
      const { target_s, cadence_s } = steering.target
      longest_s = Math.max(longest_s, cadence_s)
      expect(steering.rate).toBeLessThanOrEqual(FASTEST)
      expect(steering.rate).toBeGreaterThanOrEqual(SLOWEST)
      expect(target_s).toBeGreaterThanOrEqual(cadence_s + 0.32)
      expect(target_s).toBeLessThanOrEqual(longest_s + MOST_BEYOND_CADENCE_S)
    }
  }
})

test('one who lags by a second catches up without a jump and stays', () => {
  const listener = new Listener(() => 0.03, FLOOR_S + 1).listen(60)
  expect(listener.stalledAt_s).toEqual([])
  expect(Math.max(...listener.rates)).toBe(FASTEST)
  expect(listener.behind_s).toBeLessThan(0.75)
})

test('far behind, only a jump helps', () => {
  const listener = new Listener(() => 0.03, FLOOR_S + 5).listen(5)
  expect(listener.behind_s).toBeLessThan(1)
})

test('an announced longer cadence of the ladder interrupts nobody, on a prompt network and on a rough one', () => {
  for (const cadence_s of [1.28, 3.84]) {
    const prompt = new Listener(() => 0.03).listen(20).lengthen(cadence_s, 2.5).listen(60, cadence_s)
    expect([prompt.stalledAt_s, prompt.jumps]).toEqual([[], 0])
    expect(prompt.behind_s).toBeLessThan(cadence_s + 0.45)
    expect(Math.min(...prompt.rates)).toBe(SLOWEST)
    for (const seed of SEEDS) {
      const listener = new Listener(rough(seed)).listen(40).lengthen(cadence_s, 2.5).listen(60, cadence_s)
      expect(listener.stalledAt_s.filter((at_s) => at_s > 20), `seed ${seed}, ${cadence_s}`).toEqual([])
      expect(listener.jumps).toBe(0)
    }
  }
})

test('a shorter cadence skips nothing: listeners come close again by playing a little faster, on a rough network too', () => {
  for (const cadence_s of [1.28, 3.84]) {
    const prompt = new Listener(() => 0.03).listen(20).lengthen(cadence_s, 2.5).listen(60, cadence_s).shorten(CHUNK_S, 2)
    expect(prompt.listen(180).behind_s).toBeLessThan(FLOOR_S + 0.15)
    expect([prompt.stalledAt_s, prompt.jumps]).toEqual([[], 0])
    expect(Math.max(...prompt.rates)).toBe(FASTEST)
    for (const seed of SEEDS.slice(0, 8)) {
      const listener = new Listener(rough(seed)).listen(40).lengthen(cadence_s, 2.5).listen(60, cadence_s).shorten(CHUNK_S, 2)
      expect(listener.listen(240).behind_s).toBeLessThan(2.5)
      expect(listener.stalledAt_s.filter((at_s) => at_s > 20), `seed ${seed}, ${cadence_s}`).toEqual([])
      expect(listener.jumps).toBe(0)
    }
  }
})

test('who has less in hand than the longer cadence took is not slowed down to have it again', () => {
  const listener = new Listener(() => 0.03)
  listener.steering.target.announced(3.84, 0)
  listener.shorten(CHUNK_S, 0).listen(8)
  listener.steering.moved()
  listener.rates.clear()
  const behind_s = listener.behind_s
  listener.listen(20)
  expect(Math.min(...listener.rates)).toBe(1)
  expect(listener.behind_s).toBeLessThan(behind_s + 0.01)
})

test('who began to listen just before a longer cadence was told is not interrupted either', () => {
  for (const cadence_s of [1.28, 3.84]) {
    const listener = new Listener(() => 0.03).lengthen(cadence_s, 0.5).listen(60, cadence_s)
    expect(listener.stalledAt_s).toEqual([])
  }
})

test('longer writes are no lateness: the target is a cadence and the slack', () => {
  const listener = new Listener(() => 0.03)
  listener.steering.target.announced(1.28, 0)
  listener.listen(120, 1.28)
  expect(listener.steering.target.target_s).toBeCloseTo(1.28 + 0.32, 1)
})
